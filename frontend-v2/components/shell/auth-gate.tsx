"use client";

import type { ReactNode } from "react";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { useAuth } from "./auth-provider";
import { SignIn } from "./sign-in";

/** The page behind the sign-in. The address is left alone, so signing in again returns to where one was. */
export function AuthGate({ children }: { children: ReactNode }) {
  const { state, reload } = useAuth();
  if (state.status === "signed-in") return <div key={state.userId}>{children}</div>;
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
