import { progressShare, progressText } from "@/lib/import-form";
import type { UploadProgress } from "@/lib/upload";

/** The bytes that have left, then that the server is at work. */
export function ImportProgress({ progress, doing }: { progress: UploadProgress | null; doing: string }) {
  const share = progressShare(progress);
  return (
    <div className="space-y-1" data-testid="import-progress">
      <div
        role="progressbar"
        aria-label="Upload"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <div
          className={`h-full rounded-full bg-accent transition-[width] ${share === null ? "w-full animate-pulse" : ""}`}
          style={share === null ? undefined : { width: `${share * 100}%` }}
        />
      </div>
      <p className="tnum text-xs text-ink-2" aria-live="polite">
        {progressText(progress, doing) || doing}
      </p>
    </div>
  );
}
