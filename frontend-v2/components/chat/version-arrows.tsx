import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { messageOf } from "@/lib/failures";
import { formatCount } from "@/lib/format";
import { versionsOf, type Fork } from "@/lib/turns";

export interface VersionArrowsProps {
  fork: Fork;
  /** What there are versions of: "question", "answer". */
  of: string;
  disabled: boolean;
  /** With null: the version that is not saved. */
  onShow: (messageId: number | null) => Promise<void>;
}

const ARROW =
  "grid size-6 place-items-center rounded text-ink-2 hover:bg-hover hover:text-ink disabled:opacity-40 disabled:hover:bg-transparent";

/** ‹ 2/3 › */
export function VersionArrows({ fork, of, disabled, onShow }: VersionArrowsProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { id, siblings } = fork;
  const count = versionsOf(fork);
  const at = id === null ? siblings.length : siblings.indexOf(id);

  const show = async (index: number): Promise<void> => {
    const messageId = siblings[index] ?? null;
    setBusy(true);
    setError(null);
    try {
      await onShow(messageId);
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  };
  const still = disabled || busy;
  return (
    <span
      data-testid="version-switch"
      className="inline-flex items-center"
      role="group"
      aria-label={`Versions of the ${of}`}
    >
      <button
        type="button"
        aria-label="Previous version"
        disabled={still || at <= 0}
        className={ARROW}
        onClick={() => void show(at - 1)}
      >
        <ChevronLeft className="size-3.5 rtl:-scale-x-100" aria-hidden />
      </button>
      <span className="tnum min-w-7 text-center text-2xs text-ink-2" aria-live="polite">
        {formatCount(at + 1)}/{formatCount(count)}
      </span>
      <button
        type="button"
        aria-label="Next version"
        disabled={still || at >= count - 1}
        className={ARROW}
        onClick={() => void show(at + 1)}
      >
        <ChevronRight className="size-3.5 rtl:-scale-x-100" aria-hidden />
      </button>
      {error ? (
        <span role="alert" className="text-2xs text-loss">
          {error}
        </span>
      ) : null}
    </span>
  );
}
