import { Dialog } from "radix-ui";
import { useAuth } from "./auth-provider";
import { SignIn } from "./sign-in";

/** The page, kept as it is, under the sign-in of whoever was there. */
export function SignInAgain({ email }: { email: string }) {
  const { signOut } = useAuth();
  return (
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Content
          data-testid="sign-in-again"
          aria-describedby=""
          className="fixed inset-0 z-[80] overflow-y-auto bg-canvas focus:outline-none"
          onEscapeKeyDown={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
        >
          <Dialog.Title className="sr-only">Sign in again</Dialog.Title>
          <SignIn email={email} onLeave={() => void signOut()} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
