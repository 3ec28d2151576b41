import { useEffect, useState } from "react";
import { Logo } from "@/components/shell/logo";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { Time } from "@/components/ui/time";
import { openShare } from "@/lib/api";
import type { SharedChat } from "@/lib/types";
import { ConversationDocument } from "./conversation-document";

type State = { chat: SharedChat } | { error: unknown } | null;

/** What a read-only link shows. Its token stands behind the `#`, which browsers keep to themselves. */
export function ShareView() {
  const [state, setState] = useState<State>(null);
  useEffect(() => {
    let gone = false;
    openShare(decodeURIComponent(window.location.hash.slice(1)) || "-").then(
      (chat) => {
        if (!gone) setState({ chat });
      },
      (error: unknown) => {
        if (!gone) setState({ error });
      },
    );
    return () => {
      gone = true;
    };
  }, []);
  return (
    <div className="flex h-dvh flex-col overflow-y-auto print:block print:h-auto">
      <header className="flex items-center justify-between border-b bg-panel px-4 py-2.5 print:hidden">
        <Logo />
        <span className="text-xs text-ink-2">Read-only</span>
      </header>
      <main className="flex-1">
        {state === null ? (
          <p role="status" className="flex items-center justify-center gap-2 p-10 text-[13px] text-ink-2">
            <Spinner /> Loading the conversation
          </p>
        ) : "chat" in state ? (
          <ConversationDocument
            title={state.chat.title}
            about={
              <>
                About the run “{state.chat.run_name}”. This link works until <Time iso={state.chat.expires_at} />.
              </>
            }
            messages={state.chat.messages}
          />
        ) : (
          <div className="mx-auto max-w-md space-y-3 px-6 py-[12vh]">
            <h1 className="text-base font-semibold">This conversation can&apos;t be shown</h1>
            <ProblemNote error={state.error} />
            <p className="text-[13px] text-ink-2">Ask whoever sent you the link for a new one.</p>
          </div>
        )}
      </main>
    </div>
  );
}
