import { CircleStop } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { messageOf } from "@/lib/failures";

export interface StoppedNoteProps {
  kept: boolean;
  /** There is text to keep. */
  hasText: boolean;
  onKeep: () => Promise<void>;
  onAskAgain?: () => void;
}

/** Under a stopped answer: it is not saved unless the reader keeps it. */
export function StoppedNote({ kept, hasText, onKeep, onAskAgain }: StoppedNoteProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const keep = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onKeep();
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
      <span data-testid="stopped-note" className="inline-flex items-center gap-1.5">
        <CircleStop className="size-3.5 text-loss" aria-hidden />
        {kept ? "Stopped — kept" : "Stopped — not saved"}
      </span>
      {!kept && hasText ? (
        <Button size="sm" data-testid="keep-button" disabled={busy} onClick={() => void keep()}>
          Keep
        </Button>
      ) : null}
      {!kept && onAskAgain ? (
        <Button size="sm" data-testid="ask-again-button" disabled={busy} onClick={onAskAgain}>
          Ask again
        </Button>
      ) : null}
      {error ? (
        <span role="alert" className="text-loss">
          {error}
        </span>
      ) : null}
    </div>
  );
}
