import type { ToolCall } from "./chat-reducer";
import type { Analysis, BreakdownRow, CheckedFigure, Metrics, RuleSuggestions } from "./types";

/** What each kind of picture is drawn from. */
export interface ExhibitData {
  rules: RuleSuggestions;
  bridge: Analysis;
  hours: Analysis;
  drawdown: Metrics;
  worst: Analysis;
}

export type ExhibitKind = keyof ExhibitData;

export type Exhibit = {
  [Kind in ExhibitKind]: { id: string; kind: Kind; label: string; data: ExhibitData[Kind] };
}[ExhibitKind];

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function rows(analysis: Analysis, dimension: string): BreakdownRow[] {
  const found = analysis.breakdowns?.[dimension];
  return Array.isArray(found) ? found : [];
}

interface ExhibitEntry<Kind extends ExhibitKind> {
  kind: Kind;
  /** The data of a finished call that it is drawn from; null where there is nothing to draw. */
  of: (data: Record<string, unknown>) => ExhibitData[Kind] | null;
  label: (data: ExhibitData[Kind]) => string;
  /** What an answer speaks of that it belongs to: paths of figures in the result. Null: it belongs to every answer. */
  about: RegExp | null;
}

// Results come from a server or from what was saved long ago: each is looked at before it is believed.
const analysisOf = (data: Record<string, unknown>): Analysis | null =>
  data.kind === "trade_analysis" ? (data as unknown as Analysis) : null;

/** A bridge is of the whole run, and of no selection. */
function bridgeOf(data: Record<string, unknown>): Analysis | null {
  const analysis = analysisOf(data);
  const whole = (analysis?.filter?.filter_type ?? "all") === "all";
  return analysis && whole && isFields(analysis.bridge) && typeof analysis.bridge.net_pnl === "number"
    ? analysis
    : null;
}

function hoursOf(data: Record<string, unknown>): Analysis | null {
  const analysis = analysisOf(data);
  return analysis && rows(analysis, "hour").length ? analysis : null;
}

function worstOf(data: Record<string, unknown>): Analysis | null {
  const analysis = analysisOf(data);
  return analysis && Array.isArray(analysis.worst_trades) && analysis.worst_trades.length ? analysis : null;
}

const drawdownOf = (data: Record<string, unknown>): Metrics | null =>
  data.kind === "metrics" && isFields(data.figures) && "max_drawdown" in data.figures
    ? (data as unknown as Metrics)
    : null;

const rulesOf = (data: Record<string, unknown>): RuleSuggestions | null =>
  data.kind === "rule_suggestions" && Array.isArray(data.rules) && data.rules.length
    ? (data as unknown as RuleSuggestions)
    : null;

/** The pictures there are, in the order in which they are offered. Each has its view in `tool-exhibits.tsx`. */
export const EXHIBITS = [
  {
    kind: "rules",
    of: rulesOf,
    label: ({ rules }) => (rules.length === 1 ? "1 rule" : `${rules.length} rules`),
    about: null,
  } satisfies ExhibitEntry<"rules">,
  {
    kind: "bridge",
    of: bridgeOf,
    label: () => "Loss bridge",
    about: /^(?:bridge\b|(?:selection|figures)\.(?:net_pnl|gross_pnl|fees|funding|total_pnl|open_pnl)\b)/,
  } satisfies ExhibitEntry<"bridge">,
  {
    kind: "hours",
    of: hoursOf,
    label: () => "By hour and day",
    about: /^breakdowns\.(?:hour|weekday)\b/,
  } satisfies ExhibitEntry<"hours">,
  {
    kind: "drawdown",
    of: drawdownOf,
    label: () => "Drawdown",
    about: /^figures\.(?:max_drawdown|drawdown|time_under_water|longest_under_water|ulcer|calmar)/,
  } satisfies ExhibitEntry<"drawdown">,
  {
    kind: "worst",
    of: worstOf,
    label: () => "Worst trades",
    about: /^(?:worst_trades|concentration)\b|\.largest_loss\b/,
  } satisfies ExhibitEntry<"worst">,
] as const;

/** Where in the tools' results the answer's figures stand; a derived one stands where its parts do. */
function pathsOf(figures: readonly CheckedFigure[]): string[] {
  const sources = figures.flatMap(({ source }) =>
    isFields(source) ? [source, ...(Array.isArray(source.inputs) ? source.inputs.filter(isFields) : [])] : [],
  );
  return sources.map(({ path }) => path).filter((path) => typeof path === "string");
}

/**
 * The pictures of an answer, one of a kind (the newest call's): of what its figures speak of. Of an answer whose figures
 * are not known all that its tools found.
 */
export function exhibitsOf(tools: readonly ToolCall[], figures: readonly CheckedFigure[] | null): Exhibit[] {
  const paths = figures?.length ? pathsOf(figures) : null;
  const results = tools.flatMap(({ state, id, data }) => (state === "done" && data ? [{ id, data }] : []));
  return EXHIBITS.flatMap(({ kind, of, label, about }): Exhibit[] => {
    if (paths && about && !paths.some((path) => about.test(path))) return [];
    const drawn = results.findLast(({ data }) => of(data) !== null);
    const data = drawn ? of(drawn.data) : null;
    // The row that made the data is the row that names it.
    return drawn && data
      ? [{ id: `${drawn.id}-${kind}`, kind, label: (label as (of: unknown) => string)(data), data } as Exhibit]
      : [];
  });
}
