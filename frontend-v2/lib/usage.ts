import type { Usage } from "./types";

/** Both together; a cost that only one of them states is that one's. */
export function addUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (!a || !b) return a ?? b;
  const costs = [a.cost_usd, b.cost_usd].filter((cost) => typeof cost === "number");
  return {
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    completion_tokens: a.completion_tokens + b.completion_tokens,
    cost_usd: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
  };
}
