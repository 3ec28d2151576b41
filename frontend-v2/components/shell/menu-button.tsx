import { Menu } from "lucide-react";
import { useActions } from "@/hooks/use-actions";

/** Opens the sidebar as a drawer, where a narrow screen has no room for it. */
export function MenuButton() {
  const { showMenu } = useActions();
  return (
    <button
      type="button"
      aria-label="Open menu"
      data-testid="menu-button"
      className="grid size-9 shrink-0 place-items-center rounded-md text-ink-2 hover:bg-hover md:hidden"
      onClick={showMenu}
    >
      <Menu className="size-5" aria-hidden />
    </button>
  );
}
