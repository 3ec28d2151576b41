/** The shapes of the HTTP API, as docs/api.md states them. Money is in the run's currency, `pct` in percent, times UTC. */

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface AppConfig {
  mode: "embedded" | "supabase";
  supabase_url: string;
  supabase_anon_key: string;
  demo: { email: string; password: string } | null;
}

export interface RunSummary {
  trade_count: number | null;
  open_count: number | null;
  /** Closed trades; `open_pnl` is what is still open, `total_pnl` both. */
  net_pnl: number | null;
  open_pnl: number | null;
  total_pnl: number | null;
  total_return: number | null;
  max_drawdown: number | null;
  final_equity: number | null;
  win_rate: number | null;
  positions: number | null;
}

export interface Run {
  id: number;
  model_id: number;
  model_name: string;
  run_number: number;
  name: string;
  source: string;
  status: string;
  currency: string;
  initial_cash: number | null;
  started_at: string | null;
  ended_at: string | null;
  notes: string;
  version: number;
  created_at: string;
  summary: RunSummary;
}

export interface TradingModel {
  id: number;
  name: string;
  ai_model: string;
  model_parameters: Record<string, unknown>;
  custom_instructions: string;
  api_key_hint: string | null;
  /** `unreadable`: the server's own key changed, and this one has to be entered again. */
  api_key_state: "none" | "ready" | "unreadable";
  run_count: number;
  created_at: string;
  updated_at: string;
}

export interface ModelInput {
  name: string;
  ai_model: string;
  model_parameters: Record<string, unknown>;
  custom_instructions: string;
}

export interface ListedModel {
  id: string;
  name: string;
  context_length: number | null;
  prompt_price: number | null;
  completion_price: number | null;
  supports_tools: boolean;
  /** Null where the list does not tell. */
  supported_parameters?: string[] | null;
  max_completion_tokens?: number | null;
}

export interface ParameterRange {
  low: number;
  high: number;
  low_excluded: boolean;
  whole: boolean;
}

export interface ModelListing extends Page<ListedModel> {
  stale?: boolean;
  fetched_at?: string | null;
  parameter_ranges?: Record<string, ParameterRange>;
}

/** What OpenRouter says of a key, in USD; null where it does not, or where there is no limit. */
export interface KeyCredit {
  usage: number | null;
  limit: number | null;
  limit_remaining: number | null;
  is_free_tier: boolean | null;
}

export interface KeyState {
  api_key_hint: string | null;
  credit: KeyCredit | null;
}

export interface ModelRule {
  id: number;
  model_id: number;
  name: string;
  kind: string;
  params: Record<string, unknown>;
  code: string;
  enabled: boolean;
  created_at: string;
}

export interface Trade {
  trade_id: number;
  symbol: string;
  side: string;
  status: string;
  opened_at: string;
  closed_at: string | null;
  quantity: number;
  entry_price: number | null;
  exit_price: number | null;
  gross_pnl: number | null;
  fees: number | null;
  funding: number | null;
  net_pnl: number | null;
  return_pct: number | null;
  holding_seconds: number | null;
  mae: number | null;
  mfe: number | null;
  /** The stop that stood at the entry, and the net P&L as a multiple of what was at risk there; null where unknown. */
  stop_price: number | null;
  r: number | null;
  entry_tag: string | null;
  exit_tag: string | null;
  entry_reasoning: string | null;
  exit_reasoning: string | null;
}

/** Of the trades that fit a filter: `total` of them, which made `net_pnl` together. */
export interface TradePage extends Page<Trade> {
  total: number;
  net_pnl: number;
}

/** What the trades closed in one day ("2025-11-03"), month ("2025-11") or year made. */
export interface Period {
  key: string;
  trade_count: number;
  win_count: number;
  loss_count: number;
  win_rate: number | null;
  gross_pnl: number;
  fees: number;
  net_pnl: number;
}

export interface LongPeriod extends Period {
  day_count: number;
  winning_days: number;
  losing_days: number;
  return_pct: number | null;
}

export interface RunCalendar {
  currency: string;
  year: number | null;
  days: Period[];
  months: LongPeriod[];
  years: LongPeriod[];
  best_day: Period | null;
  worst_day: Period | null;
  basis: string;
  return_basis: string;
}

export type Measure = "net_pnl" | "return_pct" | "holding_seconds" | "mae" | "mfe" | "fees";

/** `low` ≤ value < `high`; null where the bin is open. */
export interface DistributionBin {
  low: number | null;
  high: number | null;
  trade_count: number;
  net_pnl: number;
}

export interface Distribution {
  measure: Measure;
  unit: "money" | "pct" | "seconds";
  currency: string;
  trade_count: number;
  unknown_count: number;
  bins: DistributionBin[];
  mean: number | null;
  stdev: number | null;
  skew: number | null;
  percentiles: Record<string, number>;
  basis: string;
}

export interface DrawdownPeriod {
  rank: number;
  peak_at: string;
  trough_at: string;
  recovered_at: string | null;
  depth_pct: number | null;
  depth: number;
  days_down: number;
  days_under_water: number;
  trade_count: number;
  net_pnl: number;
}

export interface Drawdowns {
  currency: string;
  total: number;
  items: DrawdownPeriod[];
  basis: string;
}

export interface EquityPoint {
  t: string;
  equity: number;
  drawdown: number;
}

export interface Equity {
  points: EquityPoint[];
  basis: string;
  total_points: number;
}

export type FigureUnit = "money" | "ratio" | "pct" | "count" | "seconds" | "time";

export interface MetricFigure {
  value: number | string | null;
  unit: FigureUnit;
  why: string | null;
  definition: string;
  low_sample?: boolean;
  trade_ids?: number[];
}

export interface Metrics {
  figures: Record<string, MetricFigure>;
  basis: Record<string, unknown>;
  warnings: string[];
}

/** A statistic of the run's source in our unit and sign, and ours; `figure` is null where we have no such figure. */
export interface PublishedRow {
  name: string;
  published: number;
  figure: string | null;
  ours: number | null;
  /** Ours − published. */
  difference: number | null;
  unit: FigureUnit | null;
  agrees: boolean | null;
  why: string | null;
  definition: string | null;
}

export interface PublishedFigures {
  source: string;
  currency: string;
  rows: PublishedRow[];
}

export interface BreakdownRow {
  key: string;
  trade_count: number;
  win_count: number;
  loss_count: number;
  win_rate: number | null;
  gross_pnl: number;
  fees: number;
  net_pnl: number;
  average_net: number | null;
  trade_ids: number[];
}

/** A part of the way from gross to net; the parts of one list sum to the whole. */
export interface BridgeLeg {
  key: string;
  gross_pnl: number;
  fees: number;
  funding: number;
  net_pnl: number;
}

export interface Analysis {
  kind: "trade_analysis";
  /** Which trades were chosen; a result that was saved long ago may not say. */
  filter?: { filter_type: string; criteria?: unknown };
  currency: string;
  breakdowns: Record<string, BreakdownRow[]>;
  bridge: Omit<BridgeLeg, "key"> & { open_pnl: number } & Partial<
      Record<"by_symbol" | "by_side" | "by_tag" | "by_hour", BridgeLeg[]>
    >;
  worst_trades: Trade[];
  best_trades: Trade[];
  open_trades: Trade[];
  warnings: string[];
}

export interface RuleReplay {
  method: string;
  method_note: string | null;
  trades_removed: number | null;
  losers_avoided: number | null;
  winners_lost: number | null;
  net_pnl_before: number | null;
  net_pnl_after: number | null;
  net_pnl_after_low: number | null;
  net_pnl_after_high: number | null;
  max_drawdown_before: number | null;
  max_drawdown_after: number | null;
  first_half_gain: number | null;
  second_half_gain: number | null;
  other_runs?: { run_id: number; run_number: number; gain: number | null }[];
  verdict: string;
  verdict_why: string | null;
}

export interface SuggestedRule {
  kind: string;
  name: string;
  params: Record<string, unknown>;
  plain: string;
  rationale: string;
  code: string;
  replay: RuleReplay;
}

export interface RuleSuggestions {
  kind: "rule_suggestions";
  problem: string;
  currency: string;
  rules_tried: number;
  parameter_values_tried: number;
  rules: SuggestedRule[];
}

export interface ChatSession {
  id: number;
  model_id: number;
  model_name: string;
  run_id: number;
  run_number: number;
  run_name: string;
  session_title: string;
  pinned: boolean;
  created_at: string;
  updated_at: string;
  message_count: number;
  /** Of a search: the place that was found, and in which message. */
  snippet?: string | null;
  found_message_id?: number | null;
}

export interface ComparedRun {
  run_id: number;
  model_id: number;
  run_number: number;
  name: string;
  source: string;
  currency: string;
  initial_cash: number | null;
  started_at: string | null;
  ended_at: string | null;
  trade_count: number;
}

export interface ComparedFigure {
  unit: FigureUnit;
  definition: string;
  values: (number | string | null)[];
  whys: (string | null)[];
  low_sample: boolean[];
}

/** Whether two runs' trades differ by more than chance would make them: a confidence interval of the difference. */
export interface RunDifference {
  run_id_a: number;
  run_id_b: number;
  mean_a: number | null;
  mean_b: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  more_than_noise: boolean | null;
  why: string | null;
}

export interface RunComparison {
  runs: ComparedRun[];
  figures: Record<string, ComparedFigure>;
  settings_changed: { name: string; values: unknown[] }[];
  trade_result: string;
  trade_result_definition: string;
  differences: RunDifference[];
  definitions: Record<string, string>;
  warnings: string[];
}

/** A read-only link to a conversation; its address is told once, when it is made. */
export interface ChatShare {
  id: number;
  session_id: number;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
}

export interface MadeShare extends ChatShare {
  path: string;
}

/** A message as it is read, exported or shared, without what tools found. */
export type PlainMessage = Pick<
  ChatMessage,
  "id" | "role" | "content" | "tool_calls" | "checks" | "stopped" | "timestamp"
>;

/** What a link opens. */
export interface SharedChat {
  title: string;
  run_name: string;
  created_at: string;
  expires_at: string;
  messages: PlainMessage[];
}

export interface ExportedChat {
  session: ChatSession;
  messages: ChatMessage[];
}

export interface ToolRecord {
  tool: string;
  id: string;
  args?: Record<string, unknown>;
  ok: boolean;
  duration_ms: number;
  summary: string;
  data?: Record<string, unknown>;
}

export type FigureStatus = "verified" | "derived" | "unverified";

/** One figure of an answer; `start` and `end` are UTF-16 code units into it. */
export interface CheckedFigure {
  text: string;
  start: number;
  end: number;
  status: FigureStatus;
  source?: Record<string, unknown> | null;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd?: number | null;
}

export interface ChatMessage {
  id: number;
  role: "user" | "assistant";
  content: string;
  tool_calls: string[];
  tool_results: ToolRecord[];
  checks: CheckedFigure[];
  usage: Usage | null;
  stopped: boolean;
  request_id: string | null;
  timestamp: string;
  parent_id?: number | null;
  /** Messages with the same parent, its own id among them. */
  siblings?: number[];
}

export interface ChatHistory {
  session_id: number | null;
  messages: ChatMessage[];
  /** Of the whole conversation, with all its branches. */
  usage?: Usage | null;
}

export interface SavedTurn {
  session_id: number;
  message_id: number;
  user_message_id: number;
}

export interface ImportReport {
  format: string;
  positions: number;
  trades: number;
  skipped: { line: number | null; why: string }[];
  warnings: string[];
}

export interface PreviewRow {
  ts: string;
  action: string;
  symbol: string;
  quantity: number | null;
  price: number | null;
  fees: number;
  realized_pnl: number | null;
  trade_ref: string | null;
  tag: string | null;
}

/** A column's name with what it is taken for; null for a column that is not used. */
export type ColumnMapping = Record<string, string | null>;

export interface ImportedBefore {
  run_id: number;
  run_number: number;
  name: string;
}

/** What an import would make of a file. */
export interface ImportPreview {
  format: string;
  confidence: "high" | "medium" | "low";
  name: string | null;
  positions: number;
  trades: number;
  skipped_count: number;
  net_pnl: number | null;
  first_rows: PreviewRow[];
  warnings: string[];
  currency: string | null;
  timezone: string | null;
  initial_cash: number | null;
  strategies: string[];
  mapping: ColumnMapping | null;
  meanings: string[];
  problem: { code: string; message: string; line: number | null; column: string | null } | null;
  already_imported: ImportedBefore | null;
}

export interface ProblemItem {
  line?: number | null;
  column?: string | number | null;
  field?: string | null;
  why: string;
  run_id?: number;
  run_number?: number;
  name?: string;
}

/** What a stop did; `saved`: it came too late, the answer was being saved and is kept. */
export interface Stopped {
  stopped: boolean;
  saved: boolean;
}
