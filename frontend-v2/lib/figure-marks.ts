import type { CheckedFigure } from "./types";

interface TextNode {
  type: "text";
  value: string;
  position?: { start: { offset?: number }; end: { offset?: number } };
}
interface ElementNode {
  type: "element" | "root";
  tagName?: string;
  properties?: Record<string, unknown>;
  children: HastNode[];
}
type HastNode = TextNode | ElementNode | { type: "comment" | "doctype" | "raw"; value?: string };

const isParent = (node: HastNode): node is ElementNode => "children" in node;
const isText = (node: HastNode): node is TextNode => node.type === "text";

/** A trade by its id. Runs are numbered the same way and are left alone. */
const TRADE = /(?<![\w#&/])(?<!\bruns?\s+)#(\d{1,9})\b/gi;

function element(dataName: string, dataValue: string, value: string): ElementNode {
  return {
    type: "element",
    tagName: "span",
    properties: { [dataName]: dataValue },
    children: [{ type: "text", value }],
  };
}

/** `#7` becomes a span that names the trade. */
function withTrades(value: string): HastNode[] {
  const parts: HastNode[] = [];
  let at = 0;
  for (const match of value.matchAll(TRADE)) {
    if (match.index > at) parts.push({ type: "text", value: value.slice(at, match.index) });
    parts.push(element("dataTrade", match[1] ?? "", match[0]));
    at = match.index + match[0].length;
  }
  if (at < value.length) parts.push({ type: "text", value: value.slice(at) });
  return parts;
}

/** Splits a text node at the figures inside it. A node whose source was escaped differs in length and stays whole. */
function split(node: TextNode, figures: readonly CheckedFigure[], offset: number): HastNode[] {
  const start = node.position?.start.offset;
  const end = node.position?.end.offset;
  if (start === undefined || end === undefined || end - start !== node.value.length) return withTrades(node.value);
  const parts: HastNode[] = [];
  let at = 0;
  figures.forEach((figure, index) => {
    const from = figure.start - offset - start;
    const to = figure.end - offset - start;
    if (from < at || to > node.value.length || node.value.slice(from, to) !== figure.text) return;
    if (from > at) parts.push(...withTrades(node.value.slice(at, from)));
    parts.push(element("dataFigure", String(index), figure.text));
    at = to;
  });
  if (at < node.value.length) parts.push(...withTrades(node.value.slice(at)));
  return parts;
}

function walk(node: ElementNode, figures: readonly CheckedFigure[], offset: number): void {
  if (node.tagName === "code" || node.tagName === "pre" || node.tagName === "a") return;
  node.children = node.children.flatMap((child) => {
    if (isText(child)) return split(child, figures, offset);
    if (isParent(child)) walk(child, figures, offset);
    return [child];
  });
}

/**
 * A rehype plugin that marks checked figures (by their offsets into the whole answer) and named trades.
 * `offset` is where this block starts in the answer. Runs after sanitising: it only adds plain spans.
 */
export function figureMarks({ figures, offset }: { figures: readonly CheckedFigure[]; offset: number }) {
  return (tree: unknown): void => walk(tree as ElementNode, figures, offset);
}

/** The trades a figure's source names. Sources are open-ended records, so each value is checked. */
export function tradeIdsOf(figure: CheckedFigure): number[] {
  const ids = figure.source?.trade_ids;
  return Array.isArray(ids) ? ids.filter((id): id is number => Number.isInteger(id)) : [];
}

/** Where a figure comes from, in one line of text. */
export function sourceText(figure: CheckedFigure): string {
  const parts = [figure.source?.tool, figure.source?.path];
  return parts.filter((part) => typeof part === "string" && part !== "").join(" · ");
}
