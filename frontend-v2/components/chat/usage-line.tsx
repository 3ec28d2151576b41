import { formatCost, formatCount } from "@/lib/format";
import type { Usage } from "@/lib/types";

export function UsageLine({ usage }: { usage: Usage | null }) {
  if (!usage) return null;
  const cost = formatCost(usage.cost_usd);
  return (
    <span data-testid="usage" className="tnum text-2xs text-ink-3">
      {formatCount(usage.prompt_tokens)} in · {formatCount(usage.completion_tokens)} out
      {cost ? ` · ${cost}` : ""}
    </span>
  );
}
