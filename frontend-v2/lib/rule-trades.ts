import type { TradeFilter } from "./trade-filter";
import type { RuleReplay, SuggestedRule } from "./types";

/** Fields of a trade that a rule tests and the list of trades can choose by, by the name of the choice there. */
const CHOICES: Readonly<Record<string, string>> = {
  "opened_at.hour_utc": "hour",
  "opened_at.weekday_utc": "weekday",
  symbol: "symbol",
  side: "side",
  entry_tag: "tag",
};

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const criteriaOf = (value: unknown): string =>
  (Array.isArray(value) ? value : [value])
    .filter((one): one is string | number => typeof one === "string" || typeof one === "number")
    .join(", ");

/** Which trades a rule would have removed: by name, or by ids. */
export interface RemovedTrades {
  where: TradeFilter | null;
  ids: readonly number[];
}

/**
 * The trades that a rule would have removed: those the replay names, else those that its own test of an entry names. Null
 * where neither is told: what a rule removes may depend on the trades before.
 */
export function removedBy({ enforcement, replay }: SuggestedRule): RemovedTrades | null {
  const ids = replay?.removed_trade_ids?.filter(Number.isInteger);
  if (ids?.length) return { where: null, ids };
  if (!replay?.trades_removed || enforcement?.type !== "entry_filter") return null;
  const { block_when, allow_when } = enforcement;
  const test = isFields(block_when) ? block_when : isFields(allow_when) ? allow_when : null;
  const filter_type = CHOICES[typeof test?.field === "string" ? test.field : ""];
  const criteria = criteriaOf(test?.in ?? test?.equals);
  if (!filter_type || !criteria) return null;
  const where = { filter_type, criteria, ...(isFields(block_when) ? {} : { complement: "true" }) };
  return { where, ids: [] };
}

/** Verdicts under which a rule may be adopted: it gained, and not by chance alone or in one half only. */
const DESERVING = new Set(["holds", "fragile"]);

/** Whether a rule's replay is worth adopting it: what does nothing, hurts, or is no better than chance is not. */
export function deserves({ verdict, trades_removed, trades_changed }: RuleReplay): boolean {
  const nothing = trades_removed === 0 && (trades_changed ?? 0) === 0;
  return DESERVING.has(verdict) && !nothing;
}
