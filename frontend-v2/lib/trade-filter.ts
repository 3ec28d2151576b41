import { formatDuration, formatMoney, formatPct } from "./format";
import type { Analysis, DistributionBin, Measure } from "./types";

/** Conditions on a run's trades, as `/trades` takes them; all that are given must hold. */
export interface TradeFilter {
  symbol?: string;
  side?: string;
  status?: string;
  tag?: string;
  hour?: string;
  weekday?: string;
  result?: string;
  closed_from?: string;
  closed_to?: string;
  measure?: string;
  low?: string;
  high?: string;
  search?: string;
  /** A choice of `analyze_trades`, or (`complement`) the closed trades that it leaves. */
  filter_type?: string;
  criteria?: string;
  complement?: string;
  /** A row of a breakdown. */
  dimension?: string;
  key?: string;
}

const NAMES = [
  "symbol",
  "side",
  "status",
  "tag",
  "hour",
  "weekday",
  "result",
  "closed_from",
  "closed_to",
  "measure",
  "low",
  "high",
  "search",
  "filter_type",
  "criteria",
  "complement",
  "dimension",
  "key",
] as const satisfies readonly (keyof TradeFilter)[];

/** Reads the filter of an address; what is not one is left out. */
export const filterFromText = (text: string): TradeFilter =>
  filterFromFields(Object.fromEntries(new URLSearchParams(text)));

/** Reads a filter out of an open-ended record, as a figure's source is. */
export function filterFromFields(fields: Readonly<Record<string, unknown>>): TradeFilter {
  const filter: TradeFilter = {};
  for (const name of NAMES) {
    const value = fields[name];
    if (typeof value === "string" && value) filter[name] = value;
  }
  return filter;
}

export function textFromFilter(filter: TradeFilter): string {
  const params = new URLSearchParams();
  for (const name of NAMES) {
    const value = filter[name];
    if (value) params.set(name, value);
  }
  return params.toString();
}

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

export function formatMeasure(measure: string, value: number): string {
  if (measure === "holding_seconds") return formatDuration(value);
  return measure === "return_pct" ? formatPct(value, 1) : formatMoney(value, "", Math.abs(value) >= 100 ? 0 : 2);
}
