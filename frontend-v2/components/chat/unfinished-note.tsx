import type { Answer } from "@/lib/chat-reducer";
import { ErrorCard } from "./error-card";
import { StoppedNote } from "./stopped-note";

export interface UnfinishedNoteProps {
  answer: Answer;
  modelId: number;
  onKeep: () => Promise<void>;
  onAskAgain?: () => void;
}

/** Under an answer that did not come to its end: what happened, and what the reader can do. */
export function UnfinishedNote({ answer, modelId, onKeep, onAskAgain }: UnfinishedNoteProps) {
  return (
    <>
      {answer.status === "stopped" ? (
        <StoppedNote
          kept={answer.kept}
          hasText={answer.content.trim() !== ""}
          onKeep={onKeep}
          onAskAgain={onAskAgain}
        />
      ) : null}
      {answer.error ? <ErrorCard failure={answer.error} modelId={modelId} onRetry={onAskAgain} /> : null}
    </>
  );
}
