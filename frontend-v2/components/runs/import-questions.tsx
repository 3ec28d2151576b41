import { Button } from "@/components/ui/button";
import { Input, inputStyle } from "@/components/ui/input";
import type { ImportDraft, ImportOptionName } from "@/lib/import-form";
import type { ImportCheck, ImportQuestion } from "@/lib/types";

export interface ImportQuestionsProps {
  questions: readonly ImportQuestion[];
  checks: readonly ImportCheck[];
  draft: ImportDraft;
  onOption: (name: ImportOptionName, value: string) => void;
  onMultiplier: (symbol: string, text: string) => void;
}

/** Answers to choose from, where the field has a few that are known beforehand. */
const CHOICES: Readonly<Record<string, readonly { value: string; label: string }[]>> = {
  date_order: [
    { value: "day", label: "Day first (31/12)" },
    { value: "month", label: "Month first (12/31)" },
  ],
  long_only: [
    { value: "true", label: "It can’t be short" },
    { value: "false", label: "It may be short" },
  ],
};
const TEXT_FIELDS = ["timezone", "account", "currency", "symbol"] as const;
const PLACEHOLDERS: Readonly<Record<(typeof TEXT_FIELDS)[number], string>> = {
  timezone: "e.g. America/New_York",
  account: "which account",
  currency: "e.g. USD",
  symbol: "e.g. BTC/USDT",
};

interface AnswerProps extends Omit<ImportQuestionsProps, "questions"> {
  question: ImportQuestion;
}

function Multiplier({ question, checks, draft, onMultiplier }: AnswerProps) {
  const symbol = question.symbol ?? "";
  const offered = checks.find((check) => check.outcome === "offered" && check.symbol === symbol)?.multiplier;
  return (
    <div className="flex items-center gap-2">
      <Input
        aria-label={`What one point of ${symbol} is worth`}
        data-testid="import-multiplier"
        inputMode="decimal"
        className="h-8 w-28"
        placeholder="1"
        value={draft.multipliers[symbol] ?? ""}
        onChange={(event) => onMultiplier(symbol, event.target.value)}
      />
      {offered ? (
        <Button size="sm" onClick={() => onMultiplier(symbol, String(offered))}>
          Use {offered}
        </Button>
      ) : null}
    </div>
  );
}

function Choice({ question, draft, onOption }: AnswerProps) {
  const name = question.field as ImportOptionName;
  const choices = CHOICES[question.field] ?? (question.choices ?? []).map((value) => ({ value, label: value }));
  return (
    <select
      aria-label={question.message}
      data-testid={`import-answer-${question.field}`}
      className={`${inputStyle} h-8`}
      value={draft.options[name] ?? ""}
      onChange={(event) => onOption(name, event.target.value)}
    >
      <option value="">As it was read</option>
      {choices.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Answer(props: AnswerProps) {
  const { question, draft, onOption } = props;
  if (question.field === "multipliers") return question.symbol ? <Multiplier {...props} /> : null;
  if (CHOICES[question.field] || question.choices?.length) return <Choice {...props} />;
  const field = TEXT_FIELDS.find((one) => one === question.field);
  // What a column means is answered in the list of columns.
  if (!field) return null;
  return (
    <Input
      aria-label={question.message}
      data-testid={`import-answer-${field}`}
      className="h-8"
      placeholder={PLACEHOLDERS[field]}
      value={draft.options[field] ?? ""}
      onChange={(event) => onOption(field, event.target.value)}
    />
  );
}

/** What the file leaves open and a person can answer; each answer is read at once, as the preview shows. */
export function ImportQuestions({ questions, ...rest }: ImportQuestionsProps) {
  if (!questions.length) return null;
  return (
    <section
      aria-label="Questions"
      data-testid="import-questions"
      className="space-y-2.5 rounded-md border border-accent/40 bg-accent/5 p-2.5 text-xs"
    >
      <h3 className="font-medium">What the file does not say</h3>
      {questions.map((question, index) => (
        <div key={index} className="space-y-1">
          <p className="break-words text-ink-2">{question.message}</p>
          <Answer question={question} {...rest} />
        </div>
      ))}
    </section>
  );
}
