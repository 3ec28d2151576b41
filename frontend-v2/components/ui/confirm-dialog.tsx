import { AlertDialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import { messageOf } from "@/lib/failures";
import { Button } from "./button";
import { Input } from "./input";

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: ReactNode;
  action: string;
  /** What must be typed before the action is allowed. */
  typed?: string;
  onConfirm: () => Promise<void>;
}

/** Asks before something that can't be undone; stays open with the reason when it fails. */
export function ConfirmDialog({ open, onOpenChange, title, body, action, typed, onConfirm }: ConfirmDialogProps) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const change = (next: boolean): void => {
    setText("");
    setError(null);
    onOpenChange(next);
  };
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      change(false);
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <AlertDialog.Content className="fixed inset-x-0 top-1/2 z-50 mx-auto w-[min(92vw,420px)] -translate-y-1/2 space-y-3 rounded-lg border bg-panel p-4 shadow-2xl">
          <AlertDialog.Title className="text-[15px] font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="text-[13px] text-ink-2">{body}</div>
          </AlertDialog.Description>
          {typed ? (
            <Input
              aria-label={`Type ${typed} to confirm`}
              placeholder={typed}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          ) : null}
          {error ? (
            <p role="alert" className="text-xs text-loss">
              {error}
            </p>
          ) : null}
          <div className="flex justify-end gap-2 pt-1">
            <AlertDialog.Cancel asChild>
              <Button variant="ghost">Cancel</Button>
            </AlertDialog.Cancel>
            <Button
              variant="danger"
              data-testid="confirm-action"
              disabled={busy || (typed !== undefined && text !== typed)}
              onClick={() => void confirm()}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
