import { formatCost, formatCount } from "@/lib/format";
import type { Usage } from "@/lib/types";

export interface UsageLineProps {
  usage: Usage | null;
  /** Of a whole conversation, in short. */
  whole?: boolean;
}

export function UsageLine({ usage, whole }: UsageLineProps) {
  if (!usage || usage.prompt_tokens + usage.completion_tokens === 0) return null;
  const cost = formatCost(usage.cost_usd);
  const tokens = `${formatCount(usage.prompt_tokens)} in · ${formatCount(usage.completion_tokens)} out`;
  if (!whole)
    return (
      <span data-testid="usage" className="tnum text-2xs text-ink-3">
        {tokens}
        {cost ? ` · ${cost}` : ""}
      </span>
    );
  const total = `${formatCount(usage.prompt_tokens + usage.completion_tokens)} tokens`;
  return (
    <p
      data-testid="session-usage"
      className="tnum mt-1 -mb-2 text-end text-2xs text-ink-3"
      title={`This conversation, with all its versions: ${tokens} tokens${cost ? `, ${cost}` : ""}`}
    >
      <span className="sr-only">This conversation used </span>
      {cost ? `${cost} · ${total}` : total}
    </p>
  );
}
