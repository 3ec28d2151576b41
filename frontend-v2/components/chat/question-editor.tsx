import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { Button } from "@/components/ui/button";
import { Textarea } from "@/components/ui/textarea";

export interface QuestionEditorProps {
  text: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}

/** A question being put in other words: Enter sends it, Esc leaves it as it was. */
export function QuestionEditor({ text, onSend, onCancel }: QuestionEditorProps) {
  const [draft, setDraft] = useState(text);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(text.length, text.length);
  }, [text]);

  const ready = draft.trim() !== "";
  const send = (): void => {
    if (ready) onSend(draft.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return onCancel();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="ms-auto w-full max-w-[85%] space-y-2 rounded-lg border border-accent/40 bg-accent/10 p-2"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        ref={area}
        data-testid="question-editor"
        aria-label="The question in other words"
        className="text-[13.5px]"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="flex items-center justify-end gap-2">
        <p className="me-auto text-2xs text-ink-3">The older version and its answer are kept.</p>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" type="submit" data-testid="question-send" disabled={!ready}>
          Ask
        </Button>
      </div>
    </form>
  );
}
