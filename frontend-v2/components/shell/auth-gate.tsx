"use client";

import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { useAuth } from "./auth-provider";
import { SignIn } from "./sign-in";

/** The page, kept as it is, under the sign-in of whoever was there. */
function SignInAgain({ email }: { email: string }) {
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

/**
 * The page behind the sign-in. The address is left alone, so signing in returns to where one was; when a session ends
 * under one's hands the page stays mounted too, with what was typed and what streams.
 */
export function AuthGate({ children }: { children: ReactNode }) {
  const { state, reload } = useAuth();
  if (state.status === "signed-in")
    return (
      <div key={state.userId}>
        <div inert={state.expired}>{children}</div>
        {state.expired ? <SignInAgain email={state.email} /> : null}
      </div>
    );
  if (state.status === "signed-out") return <SignIn />;
  return (
    <main className="grid h-dvh place-items-center p-6">
      {state.status === "loading" ? (
        <p role="status" className="flex items-center gap-2 text-[13px] text-ink-2">
          <Spinner /> Loading
        </p>
      ) : (
        <div className="w-full max-w-md">
          <ProblemNote error={state.error} onRetry={reload} />
        </div>
      )}
    </main>
  );
}
