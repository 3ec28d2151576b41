import { ChevronsUpDown, KeyRound, LogOut } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useAuth } from "./auth-provider";
import { PasswordDialog } from "./password-dialog";

const item =
  "flex h-8 cursor-default items-center gap-2 rounded px-2 text-[13px] outline-none select-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3 [&_svg]:size-4";

/** Who is signed in, and what can be done about it. */
export function AccountMenu({ defaultOpen }: { defaultOpen?: boolean }) {
  const { state, config, signOut } = useAuth();
  const [changing, setChanging] = useState(false);
  const email = state.status === "signed-in" ? state.email : "";
  const isDemo = config?.demo?.email === email;
  return (
    <>
      <DropdownMenu.Root defaultOpen={defaultOpen}>
        <DropdownMenu.Trigger
          data-testid="account-menu"
          aria-label={`Account ${email}`}
          className="flex h-8 min-w-0 flex-1 items-center gap-1.5 rounded-md px-2 text-xs text-ink-2 hover:bg-hover hover:text-ink"
        >
          <span className="min-w-0 flex-1 truncate text-start">{email}</span>
          <ChevronsUpDown className="size-3.5 shrink-0" aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="start"
            side="top"
            sideOffset={6}
            className="z-50 w-60 rounded-md border border-line-strong bg-raised p-1 shadow-xl"
          >
            <DropdownMenu.Label className="px-2 py-1.5 text-xs text-ink-2">
              <span className="block truncate">{email}</span>
              {isDemo ? (
                <span className="text-2xs text-ink-3">The demo account is shared: keep nothing of yours in it.</span>
              ) : null}
            </DropdownMenu.Label>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            {isDemo ? null : (
              <DropdownMenu.Item className={item} data-testid="change-password" onSelect={() => setChanging(true)}>
                <KeyRound aria-hidden /> Change password
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item className={item} data-testid="sign-out" onSelect={() => void signOut()}>
              <LogOut aria-hidden /> Sign out
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
    </>
  );
}
