/** The model's thinking text, folded away: it is never part of the answer. */
export function ReasoningFold({ text, live }: { text: string; live: boolean }) {
  if (!text) return null;
  return (
    <details data-testid="reasoning" className="text-xs text-ink-3">
      <summary className="hover:text-ink-2">{live ? "Thinking…" : "Reasoning"}</summary>
      <p className="mt-1 max-h-60 overflow-y-auto border-s-2 border-line-strong ps-3 leading-relaxed whitespace-pre-wrap break-words">
        {text}
      </p>
    </details>
  );
}
