import { RotateCcw } from "lucide-react";
import { memo, useMemo } from "react";
import { MarkdownRenderer } from "@/components/markdown-lazy";
import { onDemand } from "@/components/ui/on-demand";
import { Spinner } from "@/components/ui/spinner";
import { isLive, type Answer } from "@/lib/chat-reducer";
import type { FigureEvidence } from "@/lib/evidence";
import { exhibitsOf } from "@/lib/exhibits";
import type { Turn } from "@/lib/turns";
import type { Run } from "@/lib/types";
import { CheckSummary } from "./check-summary";
import { CopyButton } from "./copy-button";
import { MessageAction, MessageActions } from "./message-actions";
import { QuestionChips } from "./question-chips";
import { ReasoningFold } from "./reasoning-fold";
import { ToolBadge } from "./tool-badge";
import { VersionSwitch } from "./version-switch";

/** Most answers come to their end. The code is there before one is asked for: it may have to say that the line is gone. */
const UnfinishedNote = onDemand(() => import("./unfinished-note").then((module) => module.UnfinishedNote));

const UsageLine = onDemand(() => import("./usage-line").then((module) => module.UsageLine));

/** Pictures are drawn by code that most of the page needs none of. */
const ToolExhibits = onDemand(
  () => import("@/components/tools/tool-exhibits").then((module) => module.ToolExhibits),
  () => <div className="invisible h-58" />,
);

export interface MessageAssistantProps {
  turn: Turn;
  run: Run;
  /** An answer is coming, this one or another. */
  busy: boolean;
  /** The newest turn: the one whose follow-ups make sense. */
  last: boolean;
  onAsk: (question: string) => void;
  onRegenerate: (turn: Turn) => void;
  onShow: (messageId: number | null) => Promise<void>;
  onKeep: (turn: Turn) => Promise<void>;
  onEvidence: (evidence: FigureEvidence) => void;
}

/** A stopped answer may end in the middle of a table, which is not drawn as if it were whole. */
const contentOf = ({ status, content }: Answer): string =>
  status === "stopped" && /(?:^|\n)\|[^\n]*$/.test(content) ? `${content} … (the table was cut off here)` : content;

function waitingText(running: string | undefined, model: string | null): string {
  if (running) return `Running ${running}`;
  return model ? `Waiting for ${model}` : "Connecting";
}

function Footer({ turn, busy, last, onRegenerate, onShow, onEvidence }: MessageAssistantProps) {
  const { answer } = turn;
  return (
    <footer className="space-y-1">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <CheckSummary figures={answer.figures ?? []} onEvidence={onEvidence} />
        {answer.usage ? <UsageLine usage={answer.usage} /> : null}
      </div>
      <MessageActions quiet={!last && turn.answered.siblings.length < 2}>
        <VersionSwitch fork={turn.answered} of="answer" disabled={busy} onShow={onShow} />
        {answer.content ? <CopyButton text={() => answer.content} compact what="answer" /> : null}
        {busy || !turn.question ? null : (
          <MessageAction label="Answer again" icon={RotateCcw} testId="regenerate" onClick={() => onRegenerate(turn)} />
        )}
      </MessageActions>
    </footer>
  );
}

/** An answer in every state it can be in. Memoised, since old answers don't change while a new one streams. */
export const MessageAssistant = memo(function MessageAssistant(props: MessageAssistantProps) {
  const { turn, run, last, onAsk, onRegenerate, onKeep, onEvidence } = props;
  const { answer } = turn;
  const live = isLive(answer);
  const exhibits = useMemo(
    () => (live ? [] : exhibitsOf(answer.tools, answer.figures)),
    [live, answer.tools, answer.figures],
  );
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
          {answer.tools.map((call, place) => (
            <ToolBadge key={place} call={call} run={run} />
          ))}
        </div>
      ) : null}
      {answer.content ? (
        <MarkdownRenderer
          content={contentOf(answer)}
          streaming={live}
          figures={answer.figures}
          onEvidence={onEvidence}
        />
      ) : null}
      {pausing ? (
        <p className="flex items-center gap-2 text-xs text-ink-3">
          <Spinner className="size-3.5" /> {waitingText(running, answer.model)}
        </p>
      ) : null}
      {exhibits.length ? <ToolExhibits exhibits={exhibits} run={run} open={last} /> : null}
      {answer.status === "stopped" || answer.error ? (
        <UnfinishedNote
          answer={answer}
          modelId={run.model_id}
          onKeep={() => onKeep(turn)}
          onAskAgain={last ? () => onRegenerate(turn) : undefined}
        />
      ) : null}
      {live ? null : <Footer {...props} />}
      {last && !live ? <QuestionChips label="Follow-up questions" questions={answer.questions} onAsk={onAsk} /> : null}
    </article>
  );
});
