import { filterFromFields, type TradeFilter } from "./trade-filter";
import type { CheckedFigure } from "./types";

/** A stretch of an answer's text: plain, a checked figure, or a trade named by its id. */
export type Stretch = string | { figure: CheckedFigure } | { trade: number; text: string };

/** A trade by its id. Runs are numbered the same way and are left alone. */
const TRADE = /(?<![\w#&/])(?<!\bruns?\s+)#(\d{1,9})\b/gi;

/** What stands in the source of a text, but not in the text: escapes, and the marks and indents that begin a line. */
const UNSEEN = /[\\>\s]/;

/** `#7` becomes a trade. */
function withTrades(value: string): Stretch[] {
  const parts: Stretch[] = [];
  let at = 0;
  for (const match of value.matchAll(TRADE)) {
    if (match.index > at) parts.push(value.slice(at, match.index));
    parts.push({ trade: Number(match[1]), text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < value.length) parts.push(value.slice(at));
  return parts;
}

/** For each letter of `value` its place in `source`; null where the two can't be laid side by side (an entity). */
function placesIn(source: string, value: string): number[] | null {
  const places: number[] = [];
  let at = 0;
  for (const letter of value) {
    while (at < source.length && !source.startsWith(letter, at) && UNSEEN.test(source[at] ?? "")) at++;
    if (!source.startsWith(letter, at)) return null;
    for (let unit = 0; unit < letter.length; unit++) places.push(at++);
  }
  return places;
}

/**
 * Splits a text at the figures and trades in it. `source` is what it was written as, `offset` where that begins in the
 * answer that the figures' offsets count in. A figure that does not stand where its offsets say is left unmarked.
 */
export function stretches(
  value: string,
  source: string,
  offset: number,
  figures: readonly CheckedFigure[],
): readonly Stretch[] {
  const near = figures.filter((figure) => figure.start >= offset && figure.end <= offset + source.length);
  const places = near.length && source !== value ? placesIn(source, value) : null;
  if (!near.length || (source !== value && !places)) return withTrades(value);
  const parts: Stretch[] = [];
  let at = 0;
  for (const figure of near) {
    const from = places ? places.indexOf(figure.start - offset) : figure.start - offset;
    const to = from + figure.text.length;
    if (from < at || value.slice(from, to) !== figure.text) continue;
    if (from > at) parts.push(...withTrades(value.slice(at, from)));
    parts.push({ figure });
    at = to;
  }
  if (at < value.length) parts.push(...withTrades(value.slice(at)));
  return parts;
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

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Which trades a figure is made of, where the server can list all of them; its ids are the first of them only. */
export function tradesBehind(figure: CheckedFigure | undefined): TradeFilter | null {
  const trades = figure?.source?.trades;
  return isFields(trades) ? filterFromFields(trades) : null;
}
