"use client";

import { ArrowDown, History, MessageSquarePlus } from "lucide-react";
import { useCallback, useRef } from "react";
import { ChatComposer } from "@/components/chat/chat-composer";
import { ChatStatus } from "@/components/chat/chat-status";
import { MessageAssistant } from "@/components/chat/message-assistant";
import { MessageUser } from "@/components/chat/message-user";
import { QuestionChips } from "@/components/chat/question-chips";
import { useActions } from "@/components/shell/actions-provider";
import { useAsked } from "@/components/shell/ask-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useConversation } from "@/hooks/use-conversation";
import { useDraft } from "@/hooks/use-draft";
import { useStickToBottom } from "@/hooks/use-stick-to-bottom";
import { EMPTY_ANSWER } from "@/lib/chat-reducer";
import type { Run } from "@/lib/types";

const QUICK_QUESTIONS = [
  "Why did this run lose money?",
  "Worst trades",
  "Risk and drawdown",
  "Fees and costs",
  "What should I change?",
] as const;

function Opening({ run, onAsk }: { run: Run; onAsk: (question: string) => void }) {
  return (
    <div className="animate-appear space-y-3 pt-[8vh]">
      <h2 className="text-lg font-semibold tracking-tight">What do you want to know about this run?</h2>
      <p className="max-w-lg text-[13px] text-ink-2">
        The analyst reads the positions of “{run.name}”, computes the figures, and cites the trades behind them. Figures
        it can’t trace are marked.
      </p>
      <QuestionChips label="Quick questions" questions={QUICK_QUESTIONS} onAsk={onAsk} />
    </div>
  );
}

function Bar({ run, onHistory }: { run: Run; onHistory: () => void }) {
  const { go } = useView();
  return (
    <div className="flex h-10 shrink-0 items-center gap-2 px-3 md:px-4">
      <span
        data-testid="run-badge"
        className="tnum rounded-md border border-accent/50 bg-accent/15 px-2 py-0.5 text-xs font-medium text-accent-ink"
      >
        Run #{run.run_number}
      </span>
      <span className="flex-1" />
      <Button
        variant="ghost"
        size="sm"
        data-testid="new-conversation"
        onClick={() => go({ session: "new", tab: "chat" })}
      >
        <MessageSquarePlus aria-hidden /> New <span className="hidden sm:inline">conversation</span>
      </Button>
      <Button variant="ghost" size="sm" data-testid="history-button" onClick={onHistory}>
        <History aria-hidden /> History
      </Button>
    </div>
  );
}

/** The chat about one run. */
export function ChatInterface({ run }: { run: Run }) {
  const chat = useConversation(run);
  const { box, content, away, toEnd } = useStickToBottom();
  const { showHistory } = useActions();
  const { ask: put } = chat;
  const ask = useCallback(
    (question: string) => {
      put(question);
      toEnd();
    },
    [put, toEnd],
  );
  const draft = useDraft(run.id);
  const area = useRef<HTMLTextAreaElement>(null);
  useAsked(({ question, send }) => {
    if (send && !chat.live && !chat.loading) return ask(question);
    draft.setText(draft.text.trim() ? `${draft.text.trimEnd()}\n${question}` : question);
    area.current?.focus();
  });
  const { turns } = chat;
  const empty = !chat.loading && !chat.error && !turns.length;

  return (
    <section aria-label="Chat" className="flex h-full flex-col">
      <Bar run={run} onHistory={() => showHistory(run)} />
      <div className="relative min-h-0 flex-1">
        <div ref={box} className="h-full overflow-y-auto" data-testid="chat-scroll">
          <div ref={content} className="mx-auto max-w-3xl space-y-5 px-3 pt-2 pb-6 md:px-4">
            {chat.loading ? (
              <div role="status" aria-label="Loading the conversation" className="space-y-3 pt-4">
                <Skeleton className="ml-auto h-9 w-1/2" />
                <Skeleton className="h-28" />
              </div>
            ) : null}
            {chat.error ? <ProblemNote error={chat.error} onRetry={chat.reload} /> : null}
            {empty ? <Opening run={run} onAsk={ask} /> : null}
            {turns.map((turn, index) => (
              <div key={turn.key} className="space-y-3">
                {turn.question ? <MessageUser text={turn.question} /> : null}
                {turn.answer !== EMPTY_ANSWER ? (
                  <MessageAssistant
                    turn={turn}
                    run={run}
                    last={index === turns.length - 1}
                    onAsk={ask}
                    onAskAgain={chat.askAgain}
                    onKeep={chat.keep}
                  />
                ) : null}
              </div>
            ))}
          </div>
        </div>
        {away ? (
          <Button
            size="icon"
            aria-label="Scroll to the end"
            className="absolute right-4 bottom-3 rounded-full shadow-lg"
            onClick={toEnd}
          >
            <ArrowDown aria-hidden />
          </Button>
        ) : null}
      </div>
      <div className="mx-auto w-full max-w-3xl px-3 pb-3 md:px-4">
        <ChatComposer
          draft={draft}
          ref={area}
          onEditLast={() => undefined}
          live={chat.live}
          disabled={chat.loading}
          onSend={ask}
          onStop={chat.stop}
        />
      </div>
      <ChatStatus answer={turns.at(-1)?.answer} />
    </section>
  );
}
