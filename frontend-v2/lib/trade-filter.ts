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
