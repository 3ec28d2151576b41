import { ArrowUp, Square } from "lucide-react";
import { memo, useEffect, useImperativeHandle, useRef, type KeyboardEvent, type Ref } from "react";
import { prepareStream } from "@/hooks/use-chat-stream";
import type { Draft } from "@/hooks/use-draft";

export interface ChatComposerProps {
  draft: Draft;
  ref?: Ref<HTMLTextAreaElement | null>;
  live: boolean;
  /** The conversation isn't loaded: asking now would start another one, so the question waits for it. */
  disabled: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
  /** ↑ in an empty composer. */
  onEditLast: () => void;
}

const TALLEST = 180;

/**
 * Enter sends, Shift+Enter breaks the line, Esc stops; while an answer streams, the button stops it. Memoised: an answer
 * that grows changes nothing of it.
 */
export const ChatComposer = memo(function ChatComposer(props: ChatComposerProps) {
  const { draft, ref, live, disabled, onSend, onStop, onEditLast } = props;
  const { text, setText } = draft;
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle<HTMLTextAreaElement | null, HTMLTextAreaElement | null>(ref, () => area.current, []);

  const wanted = useRef(false);

  useEffect(() => {
    const box = area.current;
    if (!box) return;
    box.style.height = "auto";
    // An empty one is as high as its row: to measure it would lay the page out in the middle of its start.
    if (text) box.style.height = `${Math.min(box.scrollHeight, TALLEST)}px`;
  }, [text]);

  const ready = !live && !disabled && text.trim() !== "";
  const send = (): void => {
    wanted.current = disabled && !live;
    if (!ready) return;
    onSend(text.trim());
    setText("");
  };
  // What was to be sent before the conversation was there is sent now that it is.
  useEffect(() => {
    if (!disabled && wanted.current) send();
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && live) {
      onStop();
      return;
    }
    if (event.key === "ArrowUp" && text === "" && !live) {
      event.preventDefault();
      onEditLast();
      return;
    }
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="flex items-end gap-2 rounded-xl border border-line-strong bg-panel p-1.5 focus-within:border-accent-ink"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={area}
        data-testid="chat-input"
        rows={1}
        value={text}
        placeholder="Ask about this run..."
        aria-label="Ask about this run"
        className="min-h-8 flex-1 resize-none bg-transparent px-2 py-1.5 text-[13.5px] leading-5 placeholder:text-ink-3 focus:outline-none"
        onChange={(event) => {
          wanted.current = false;
          setText(event.target.value);
        }}
        onFocus={prepareStream}
        onKeyDown={onKeyDown}
      />
      {live ? (
        <button
          key="stop"
          type="button"
          aria-label="Stop"
          data-testid="stop-button"
          className="grid size-8 shrink-0 place-items-center rounded-lg bg-stop text-white hover:bg-stop-hover"
          onClick={onStop}
        >
          <Square className="size-3.5 fill-current" aria-hidden />
        </button>
      ) : (
        <button
          key="send"
          type="submit"
          aria-label="Send"
          data-testid="send-button"
          aria-disabled={!ready}
          className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-white hover:bg-accent-hover aria-disabled:opacity-60"
        >
          <ArrowUp className="size-4" aria-hidden />
        </button>
      )}
    </form>
  );
});
