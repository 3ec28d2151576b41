import type { ToolCall } from "./chat-reducer";
import { labelOf } from "./format";
import type { CheckedFigure, FigureStatus } from "./types";

/** Where one number of a tool's result stands, in words. */
export interface Origin {
  /** `Net P&L`. */
  label: string;
  /** `Breakdowns › Symbol › BTC/USDT`. */
  where: string;
  definition: string | null;
  value: number | null;
  tool: string;
  /** What the tool was asked. */
  args: Record<string, unknown>;
}

/** All that can be said of a figure: its origin, or the two it was derived from and how. */
export interface FigureOrigin {
  status: FigureStatus;
  origin: Origin | null;
  formula: string | null;
  inputs: Origin[];
}

/** What is asked to be shown: a figure with its trades, or trades alone. */
export interface FigureEvidence {
  ids: readonly number[];
  title: string;
  figure?: CheckedFigure;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const NAMES = ["key", "name", "symbol", "run_number"] as const;

/** What an element of a list is called: by its key, a trade by its number, else by its place. */
function elementName(node: unknown, index: number): string {
  if (isFields(node)) {
    if (typeof node.trade_id === "number") return `trade #${node.trade_id}`;
    const name = NAMES.map((key) => node[key]).find((value) => typeof value === "string" && value !== "");
    if (typeof name === "string") return name;
  }
  return `no. ${index + 1}`;
}

const STEP = /([^.[\]]+)|\[(\d+)\]/g;

interface Walked {
  steps: string[];
  last: string;
  definition: string | null;
}

/** Follows `breakdowns.symbol[0].net_pnl` through a result, naming each step. */
function walk(data: unknown, path: string): Walked {
  let node: unknown = data;
  let last = "";
  let definition: string | null = null;
  const steps: string[] = [];
  for (const [, key, index] of path.matchAll(STEP)) {
    if (isFields(node) && typeof node.definition === "string") definition = node.definition;
    if (index !== undefined) {
      node = Array.isArray(node) ? node[Number(index)] : undefined;
      steps.push(elementName(node, Number(index)));
      continue;
    }
    const name = key ?? "";
    node = isFields(node) ? node[name] : undefined;
    // `figures.win_rate.value` is the win rate; `worst_trades.length` counts them.
    if (name === "value" && last) continue;
    last = name === "length" ? `number of ${labelOf(last).toLowerCase()}` : name;
    if (name === "length") steps.pop();
    steps.push(labelOf(last));
  }
  return { steps, last, definition };
}

function originOf(source: Fields, tools: readonly ToolCall[]): Origin {
  const call = tools.find((one) => one.id === source.id);
  const { steps, last, definition } = walk(call?.data, text(source.path));
  const stated = call?.data?.definitions;
  const shared = isFields(stated) ? text(stated[last]) : "";
  return {
    label: steps.at(-1) ?? labelOf(text(source.path)),
    where: steps.slice(0, -1).join(" › "),
    definition: definition ?? (shared || null),
    value: typeof source.value === "number" ? source.value : null,
    tool: text(source.tool),
    args: call?.args ?? {},
  };
}

const inputsOf = (source: Fields): Fields[] => (Array.isArray(source.inputs) ? source.inputs.filter(isFields) : []);

/** A formula over paths, with each input by its label. */
function formulaOf(path: string, inputs: readonly Fields[], origins: readonly Origin[]): string {
  // The longer path first: one may be the beginning of the other.
  const byLength = inputs
    .map((input, index) => [text(input.path), origins[index]?.label ?? ""] as const)
    .sort((a, b) => b[0].length - a[0].length);
  return byLength.reduce((words, [from, label]) => (from ? words.split(from).join(label) : words), path);
}

/** What a checked figure came from, read off the tool results it was checked against. */
export function figureOrigin(figure: CheckedFigure, tools: readonly ToolCall[]): FigureOrigin {
  const { status, source } = figure;
  if (!isFields(source)) return { status, origin: null, formula: null, inputs: [] };
  const inputs = inputsOf(source);
  if (!inputs.length) return { status, origin: originOf(source, tools), formula: null, inputs: [] };
  const origins = inputs.map((input) => originOf(input, tools));
  return { status, origin: null, formula: formulaOf(text(source.path), inputs, origins), inputs: origins };
}

/** What a tool was asked, on one line. */
export function argsText(args: Record<string, unknown>): string {
  return Object.entries(args)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}
