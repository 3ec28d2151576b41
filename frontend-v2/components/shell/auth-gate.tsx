"use client";

import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { useAuth } from "./auth-provider";

/** Who is signed in needs none of it. */
const SignIn = dynamic(() => import("./sign-in").then((module) => module.SignIn), { ssr: false });
const SignInAgain = dynamic(() => import("./sign-in-again").then((module) => module.SignInAgain), { ssr: false });

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
