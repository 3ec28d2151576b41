import { progressShare, progressText, stageText } from "@/lib/import-form";
import type { Watched } from "@/lib/upload";

/** The bytes that have left, then the rows that the server has read and saved. */
export function ImportProgress({ progress, doing }: { progress: Watched | null; doing: string }) {
  const share = progressShare(progress);
  const text = progressText(progress, doing);
  return (
    <div className="space-y-1" data-testid="import-progress">
      <div
        role="progressbar"
        aria-label="Import"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        aria-valuetext={text}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <div
          className={`h-full rounded-full bg-accent ${share === null ? "w-full animate-pulse" : ""}`}
          style={share === null ? undefined : { width: `${share * 100}%` }}
        />
      </div>
      <p className="tnum text-xs text-ink-2">{text}</p>
      {/* Read out once a stage, not with every count. */}
      <p role="status" className="sr-only">
        {stageText(progress, doing)}
      </p>
    </div>
  );
}
