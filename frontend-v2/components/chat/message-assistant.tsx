"use client";

import { memo, useCallback } from "react";
import { MarkdownRenderer } from "@/components/markdown-lazy";
import { useActions } from "@/components/shell/actions-provider";
import { Spinner } from "@/components/ui/spinner";
import { isLive } from "@/lib/chat-reducer";
import type { Turn } from "@/lib/turns";
import type { Run } from "@/lib/types";
import { CheckSummary } from "./check-summary";
import { ErrorCard } from "./error-card";
import { QuestionChips } from "./question-chips";
import { ReasoningFold } from "./reasoning-fold";
import { StoppedNote } from "./stopped-note";
import { ToolBadge } from "./tool-badge";
import { UsageLine } from "./usage-line";

export interface MessageAssistantProps {
  turn: Turn;
  run: Run;
  /** The newest turn: the one whose follow-ups and retries make sense. */
  last: boolean;
  onAsk: (question: string) => void;
  onAskAgain: (turn: Turn) => void;
  onKeep: (turn: Turn) => Promise<void>;
}

function waitingText(running: string | undefined, model: string | null): string {
  if (running) return `Running ${running}`;
  return model ? `Waiting for ${model}` : "Connecting";
}

/** An answer in every state it can be in. Memoised, since old answers don't change while a new one streams. */
export const MessageAssistant = memo(function MessageAssistant(props: MessageAssistantProps) {
  const { turn, run, last, onAsk, onAskAgain, onKeep } = props;
  const { answer } = turn;
  const { showTrades } = useActions();
  const live = isLive(answer);
  const onTrades = useCallback((ids: number[], title: string) => showTrades({ run, ids, title }), [showTrades, run]);
  const running = answer.tools.findLast((call) => call.state === "running")?.tool;
  const pausing = live && (answer.content === "" || running !== undefined);
  return (
    <article
      data-testid="message-assistant"
      data-status={answer.status}
      aria-busy={live}
      className="space-y-2.5 text-[13.5px]"
    >
      <ReasoningFold text={answer.reasoning} live={live && !answer.content} />
      {answer.tools.length ? (
        <div className="flex flex-wrap gap-1.5">
          {answer.tools.map((call) => (
            <ToolBadge key={call.id} call={call} run={run} />
          ))}
        </div>
      ) : null}
      {answer.content ? (
        <MarkdownRenderer content={answer.content} streaming={live} figures={answer.figures} onTrades={onTrades} />
      ) : null}
      {pausing ? (
        <p className="flex items-center gap-2 text-xs text-ink-3">
          <Spinner className="size-3.5" /> {waitingText(running, answer.model)}
        </p>
      ) : null}
      {answer.status === "stopped" ? (
        <StoppedNote
          kept={answer.kept}
          hasText={answer.content.trim() !== ""}
          onKeep={() => onKeep(turn)}
          onAskAgain={last ? () => onAskAgain(turn) : undefined}
        />
      ) : null}
      {answer.error ? (
        <ErrorCard failure={answer.error} modelId={run.model_id} onRetry={last ? () => onAskAgain(turn) : undefined} />
      ) : null}
      {answer.figures?.length || answer.usage ? (
        <footer className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
          <CheckSummary figures={answer.figures ?? []} onTrades={onTrades} />
          <UsageLine usage={answer.usage} />
        </footer>
      ) : null}
      {last && !live ? <QuestionChips label="Follow-up questions" questions={answer.questions} onAsk={onAsk} /> : null}
    </article>
  );
});
