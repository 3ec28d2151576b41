import type { ReactNode } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { useAuth } from "./auth-provider";
import { loadSignIn } from "./page-parts";
import { Logo } from "./logo";
import { Starting } from "./starting";

/** Who is signed in needs none of it. */
const SignIn = onDemand(loadSignIn);
const SignInAgain = onDemand(() => import("./sign-in-again").then((module) => module.SignInAgain));

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
  if (state.status === "loading") return <Starting />;
  return (
    <main className="grid h-dvh place-items-center p-6">
      <div className="w-full max-w-md space-y-4">
        <Logo />
        <ProblemNote error={state.error} onRetry={reload} />
      </div>
    </main>
  );
}
