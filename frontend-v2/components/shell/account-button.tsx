import { ChevronsUpDown } from "lucide-react";
import { useState } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { useAuth } from "./auth-provider";

function Trigger({ onClick }: { onClick?: () => void }) {
  const { state } = useAuth();
  const email = state.status === "signed-in" ? state.email : "";
  return (
    <button
      type="button"
      data-testid="account-menu"
      aria-haspopup="menu"
      aria-label={`Account ${email}`}
      className="flex h-8 min-w-0 flex-1 items-center gap-1.5 rounded-md px-2 text-xs text-ink-2 hover:bg-hover hover:text-ink"
      onClick={onClick}
    >
      <span className="min-w-0 flex-1 truncate text-start">{email}</span>
      <ChevronsUpDown className="size-3.5 shrink-0" aria-hidden />
    </button>
  );
}

const AccountMenu = onDemand(
  () => import("./account-menu").then((module) => module.AccountMenu),
  () => <Trigger />,
);

/** The account's menu, loaded when it is asked for. */
export function AccountButton() {
  const [wanted, setWanted] = useState(false);
  return wanted ? <AccountMenu defaultOpen /> : <Trigger onClick={() => setWanted(true)} />;
}
