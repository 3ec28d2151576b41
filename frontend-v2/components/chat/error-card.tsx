import { TriangleAlert } from "lucide-react";
import { useActions } from "@/hooks/use-actions";
import { Button } from "@/components/ui/button";
import type { ChatFailure } from "@/lib/chat-reducer";
import { failureText, waitText } from "@/lib/failure-texts";

export interface ErrorCardProps {
  failure: ChatFailure;
  modelId: number;
  onRetry?: () => void;
}

/** Why an answer failed, and what the reader can do about it. */
export function ErrorCard({ failure, modelId, onRetry }: ErrorCardProps) {
  const { editModel } = useActions();
  const { title, hint, settings } = failureText(failure.code);
  return (
    <div
      role="alert"
      data-testid="error-card"
      data-code={failure.code}
      className="flex gap-2.5 rounded-md border border-loss/40 bg-loss/8 p-3 text-[13px]"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-loss" aria-hidden />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-semibold">{title}</p>
        <p className="break-words text-ink-2">{failure.message}</p>
        <p className="text-xs text-ink-3 empty:hidden">
          {hint}
          {waitText(failure.retryAfter)}
        </p>
        {settings || (failure.retryable && onRetry) ? (
          <div className="flex flex-wrap gap-2 pt-1">
            {failure.retryable && onRetry ? (
              <Button size="sm" data-testid="retry-button" onClick={onRetry}>
                {failure.code === "save_failed" ? "Save again" : "Try again"}
              </Button>
            ) : null}
            {settings ? (
              <Button size="sm" data-testid="error-settings" onClick={() => editModel(modelId)}>
                Strategy settings
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
    </div>
  );
}
