import type { TradeFilter } from "./trade-filter";
import type { Analysis, DistributionBin, Measure } from "./types";

/** Which trades a day, a bar, a row or a figure stands for. */

const DAY_MS = 86_400_000;

/** Midnight (UTC) after a day given as `2025-11-03`. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

export const closedOn = (day: string): TradeFilter => ({ closed_from: day, closed_to: dayAfter(day) });

/** A millisecond later: begins after a moment, or ends with it included. */
export const justAfter = (moment: string): string => new Date(Date.parse(moment) + 1).toISOString();

export function inBin(measure: Measure, bin: DistributionBin): TradeFilter {
  return {
    status: "closed",
    measure,
    ...(bin.low === null ? {} : { low: String(bin.low) }),
    ...(bin.high === null ? {} : { high: String(bin.high) }),
  };
}

/** Which filter shows the trades of a breakdown's row over all closed trades; null for what was put together. */
export const filterOfRow = (dimension: string, key: string): TradeFilter | null =>
  key === "(others)" ? null : { status: "closed", dimension, key };

/** The same for an analysis of chosen trades; null where its choice is no plain text. */
export function filterOfAnalysisRow({ filter }: Analysis, dimension: string, key: string): TradeFilter | null {
  const { filter_type, criteria } = filter ?? {};
  const plain = criteria === null || criteria === undefined || ["string", "number"].includes(typeof criteria);
  if (!filter_type || !plain || key === "(others)") return null;
  return { filter_type, ...(criteria ? { criteria: String(criteria) } : {}), dimension, key };
}

const WINS = new Set(["winners", "largest_wins"]);

/** Wins largest first, all else worst first: what a figure is looked into for. */
export const sortOfEvidence = (filter: TradeFilter): string =>
  filter.result === "win" || WINS.has(filter.filter_type ?? "") ? "-net_pnl" : "net_pnl";
