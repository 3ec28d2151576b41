export interface QuestionChipsProps {
  label: string;
  questions: readonly string[];
  onAsk: (question: string) => void;
}

export function QuestionChips({ label, questions, onAsk }: QuestionChipsProps) {
  if (!questions.length) return null;
  return (
    <div role="group" aria-label={label} className="flex flex-wrap gap-1.5">
      {questions.map((question) => (
        <button
          key={question}
          type="button"
          data-testid="question-chip"
          className="rounded-full border border-line-strong bg-raised px-3 py-1 text-start text-xs text-ink-2 hover:border-accent-ink hover:text-ink"
          onClick={() => onAsk(question)}
        >
          {question}
        </button>
      ))}
    </div>
  );
}
