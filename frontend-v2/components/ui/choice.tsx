import { cn } from "@/lib/cn";

export interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
  testId?: string;
}

/** One of a few, side by side. */
export function Choice<T extends string>({ label, options, value, onChange, testId }: ChoiceProps<T>) {
  return (
    <div role="group" aria-label={label} className="flex flex-wrap rounded-md border p-0.5" data-testid={testId}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          data-value={option.value}
          className={cn(
            "h-6 rounded px-2 text-xs whitespace-nowrap pointer-coarse:h-8",
            option.value === value ? "bg-hover text-ink" : "text-ink-2 hover:text-ink",
          )}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
