import { formatDuration, formatMoney, formatPct, labelOf } from "./format";
import type { DistributionBin, Measure } from "./types";

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
] as const satisfies readonly (keyof TradeFilter)[];

/** Reads the filter of an address; what is not one is left out. */
export function filterFromText(text: string): TradeFilter {
  const params = new URLSearchParams(text);
  const filter: TradeFilter = {};
  for (const name of NAMES) {
    const value = params.get(name);
    if (value) filter[name] = value;
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

/** Which filter shows the trades of a breakdown's row; null where no filter says the same. */
export function filterOfRow(dimension: string, key: string): TradeFilter | null {
  if (key === "(others)") return null;
  switch (dimension) {
    case "hour":
      return { status: "closed", hour: String(Number(key)) };
    case "symbol":
    case "side":
    case "weekday":
    case "tag":
      return { status: "closed", [dimension]: key };
    default:
      return null;
  }
}

export function formatMeasure(measure: string, value: number): string {
  if (measure === "holding_seconds") return formatDuration(value);
  return measure === "return_pct" ? formatPct(value, 1) : formatMoney(value, "", Math.abs(value) >= 100 ? 0 : 2);
}

export interface FilterChip {
  /** The conditions that go when the chip is removed. */
  names: (keyof TradeFilter)[];
  text: string;
}

/** The filter in words, one chip for each thing it says; result, side, status and search have controls of their own. */
export function chipsOf(filter: TradeFilter): FilterChip[] {
  const chips: FilterChip[] = [];
  const { symbol, tag, hour, weekday, closed_from, closed_to, measure, low, high } = filter;
  if (symbol) chips.push({ names: ["symbol"], text: `Symbol ${symbol}` });
  if (tag) chips.push({ names: ["tag"], text: `Tag ${tag}` });
  if (hour) chips.push({ names: ["hour"], text: `Opened ${hour.padStart(2, "0")}:00–${hour.padStart(2, "0")}:59 UTC` });
  if (weekday) chips.push({ names: ["weekday"], text: `Opened on a ${weekday} (UTC)` });
  if (closed_from && closed_to && dayAfter(closed_from.slice(0, 10)) === closed_to)
    chips.push({ names: ["closed_from", "closed_to"], text: `Closed on ${closed_from} (UTC)` });
  else if (closed_from || closed_to)
    chips.push({
      names: ["closed_from", "closed_to"],
      text: `Closed ${closed_from ? `from ${closed_from.slice(0, 16).replace("T", " ")} ` : ""}${closed_to ? `until ${closed_to.slice(0, 16).replace("T", " ")} ` : ""}UTC`,
    });
  if (measure && (low || high)) {
    const from = low === undefined ? "" : formatMeasure(measure, Number(low));
    const to = high === undefined ? "" : formatMeasure(measure, Number(high));
    const range = from && to ? `${from} to ${to}` : from ? `${from} or more` : `below ${to}`;
    chips.push({ names: ["measure", "low", "high"], text: `${labelOf(measure)} ${range}` });
  }
  return chips;
}
