import { TriangleAlert } from "lucide-react";
import { ApiError } from "@/lib/api";
import { useConnection } from "@/lib/connection";
import { messageOf } from "@/lib/failures";
import { Button } from "./button";

export interface ProblemNoteProps {
  error: unknown;
  onRetry?: () => void;
  /** What the way out is called, where it is another than trying again. */
  retry?: string;
}

/** What went wrong, in place of what could not be shown, with a way to try again. */
export function ProblemNote({ error, onRetry, retry = "Try again" }: ProblemNoteProps) {
  const away = useConnection() !== "online";
  const message = messageOf(error);
  // A banner says so once, and whatever is missing comes by itself: no wall of alarms below it.
  if (away && onRetry && error instanceof ApiError && error.code === "network")
    return (
      <p className="rounded-md border border-dashed border-line-strong px-3 py-2 text-xs text-ink-2">
        Not here yet: it comes once the server can be reached.
      </p>
    );
  // A refusal's only entry may be the message itself, which is not said twice.
  const items = error instanceof ApiError ? error.errors.filter((item) => item.why !== message) : [];
  return (
    <div role="alert" className="flex gap-2.5 rounded-md border border-loss/40 bg-loss/8 p-3 text-[13px]">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-loss" aria-hidden />
      <div className="min-w-0 flex-1 space-y-1.5">
        <p className="break-words">{message}</p>
        {items.length ? (
          <ul className="space-y-0.5 text-xs text-ink-2">
            {items.slice(0, 20).map((item, index) => (
              <li key={index}>
                {item.line ? <span className="tnum font-medium text-ink">Line {item.line}: </span> : null}
                {item.field ? <span className="font-medium text-ink">{item.field}: </span> : null}
                {item.why}
              </li>
            ))}
          </ul>
        ) : null}
        {onRetry ? (
          <Button size="sm" onClick={onRetry}>
            {retry}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
