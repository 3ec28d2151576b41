import { formatMeasure, labelOf } from "./format";
import { dayAfter } from "./trade-choices";
import type { TradeFilter } from "./trade-filter";

const CHOSEN: Readonly<Record<string, string>> = {
  all: "Closed trades",
  open: "Open trades",
  winners: "Winners",
  losers: "Losers",
};

/** What `analyze_trades` was asked for, in words. */
function choiceInWords({ filter_type = "", criteria, complement }: TradeFilter): string {
  const chosen = (CHOSEN[filter_type] ?? labelOf(filter_type)) + (criteria ? ` ${criteria}` : "");
  return complement === "true" ? `All but: ${chosen}` : chosen;
}

function rowInWords(dimension: string, key: string): string {
  if (dimension === "hour") return `Opened ${key}:00–${key}:59 UTC`;
  if (dimension === "weekday") return `Opened on a ${key} (UTC)`;
  return `${labelOf(dimension)} ${key}`;
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
  if (filter.filter_type) chips.push({ names: ["filter_type", "criteria", "complement"], text: choiceInWords(filter) });
  if (filter.dimension && filter.key)
    chips.push({ names: ["dimension", "key"], text: rowInWords(filter.dimension, filter.key) });
  if (symbol) chips.push({ names: ["symbol"], text: `Symbol ${symbol}` });
  if (tag) chips.push({ names: ["tag"], text: `Tag ${tag}` });
  if (hour) chips.push({ names: ["hour"], text: rowInWords("hour", hour.padStart(2, "0")) });
  if (weekday) chips.push({ names: ["weekday"], text: rowInWords("weekday", weekday) });
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
