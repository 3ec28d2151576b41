import type { FigureUnit } from "./types";

/** What an unknown value shows as. */
export const DASH = "–";

const known = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** A typographic minus keeps columns of signed figures level. */
const minus = (text: string): string => text.replace("-", "−");

/** As the reader's browser is set; a test names one. */
export type Locale = string | undefined;

const numberFormats = new Map<string, Intl.NumberFormat>();

/** Making a format costs a hundred times what using it does, and tables use the same few. */
function numberFormat(least: number, most: number, locale: Locale): Intl.NumberFormat {
  const key = `${locale} ${least} ${most}`;
  let format = numberFormats.get(key);
  if (!format) {
    // "negative": what rounds to zero has no sign.
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
      signDisplay: "negative",
    });
    numberFormats.set(key, format);
  }
  return format;
}

export function formatNumber(value: number | null | undefined, digits = 2, locale?: Locale): string {
  if (!known(value)) return DASH;
  return minus(numberFormat(digits, digits, locale).format(value));
}

export function formatMoney(value: number | null | undefined, currency = "", digits = 2): string {
  if (!known(value)) return DASH;
  return currency ? `${formatNumber(value, digits)} ${currency}` : formatNumber(value, digits);
}

/** A figure quoted from an answer, whose hyphen becomes the minus that stands before all other figures. */
export const formatQuoted = (figure: string): string => figure.replace(/^([^\p{L}\p{N}-]*)-/u, "$1−");

/** With an explicit plus, for results that may go either way. */
export function formatSigned(value: number | null | undefined, digits = 2, unit = ""): string {
  if (!known(value)) return DASH;
  const text = formatNumber(value, digits);
  return `${value > 0 ? "+" : ""}${text}${unit}`;
}

/** `value` is in percent already: −8.2 shows as −8.20%. */
export function formatPct(value: number | null | undefined, digits = 2): string {
  return known(value) ? `${formatNumber(value, digits)}%` : DASH;
}

export function formatPrice(value: number | null | undefined): string {
  if (!known(value)) return DASH;
  const size = Math.abs(value);
  const digits = size >= 100 ? 2 : size >= 1 ? 4 : 8;
  return minus(numberFormat(2, digits, undefined).format(value));
}

export function formatCount(value: number | null | undefined): string {
  return formatNumber(value, 0);
}

export function formatDuration(seconds: number | null | undefined): string {
  if (!known(seconds)) return DASH;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} d`;
}

/** A value of `measure`: a duration, percent, or money, in whole units where it is large. */
export function formatMeasure(measure: string, value: number): string {
  if (measure === "holding_seconds") return formatDuration(value);
  return measure === "return_pct" ? formatPct(value, 1) : formatMoney(value, "", Math.abs(value) >= 100 ? 0 : 2);
}

export function formatMilliseconds(ms: number | null | undefined): string {
  if (!known(ms)) return "";
  if (ms < 1) return "<1 ms";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** USD per answer: small costs keep two significant digits. */
export function formatCost(usd: number | null | undefined): string {
  if (!known(usd)) return "";
  if (usd === 0) return "$0.00";
  return usd >= 0.01
    ? `$${usd.toFixed(2)}`
    : `$${Number(usd.toPrecision(2)).toFixed(Math.min(8, 1 - Math.floor(Math.log10(usd))))}`;
}

/** Where and how the reader tells the time: the browser's own, where nothing is named. */
export interface Place {
  locale?: string;
  timeZone?: string;
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(withClock: boolean, { locale, timeZone }: Place): Intl.DateTimeFormat {
  const key = `${withClock} ${locale} ${timeZone}`;
  let format = dateFormats.get(key);
  if (!format) {
    const clock = withClock ? ({ timeStyle: "short" } as const) : {};
    format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", ...clock, timeZone });
    dateFormats.set(key, format);
  }
  return format;
}

/** In the reader's locale and time zone: `Mar 4, 2025, 1:00 PM`. `<Time>` shows the moment in UTC with it. */
export function formatTime(iso: string | null | undefined, withClock = true, place: Place = {}): string {
  if (!iso) return DASH;
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? iso : dateFormat(withClock, place).format(moment);
}

/** `2025-03-04 13:00`, in UTC, as every time of a run is kept. */
export function formatUtc(iso: string | null | undefined, withClock = true): string {
  if (!iso) return DASH;
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const text = moment.toISOString();
  return withClock ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text.slice(0, 10);
}

/** `just now`, `5 min ago`, `3 h ago`, then the date. */
export function formatAgo(iso: string, now: Date = new Date()): string {
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  if (!known(seconds)) return "";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return formatTime(iso, false);
}

export function formatFigure(value: number | string | null, unit: FigureUnit, currency = ""): string {
  if (value === null) return DASH;
  if (typeof value === "string") return unit === "time" ? formatTime(value) : value;
  switch (unit) {
    case "money":
      return formatMoney(value, currency);
    case "pct":
      return formatPct(value);
    case "count":
      return formatCount(value);
    case "seconds":
      return formatDuration(value);
    default:
      return formatNumber(value, Math.abs(value) >= 100 ? 1 : 2);
  }
}

const WORDS: Record<string, string> = {
  pnl: "P&L",
  cagr: "CAGR",
  sqn: "SQN",
  var: "VaR",
  cvar: "CVaR",
  mae: "MAE",
  mfe: "MFE",
  r: "R",
};

/** `net_pnl` → `Net P&L`. */
export function labelOf(name: string): string {
  const words = name.split("_").map((word) => WORDS[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Colour classes by sign; zero and unknown stay neutral. */
export function toneOf(value: number | null | undefined): string {
  if (!known(value) || value === 0) return "text-ink-2";
  return value > 0 ? "text-gain" : "text-loss";
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

const compactFormats = new Map<boolean, Intl.NumberFormat>();

/** Made when first used: the first of a page is a long task, and few views show any. */
function compactFormat(short: boolean): Intl.NumberFormat {
  let format = compactFormats.get(short);
  if (!format) {
    // Of its own accord it rounds to two digits, or to all there are before the point.
    const digits = short ? {} : { maximumSignificantDigits: 3 };
    format = new Intl.NumberFormat(undefined, { notation: "compact", ...digits });
    compactFormats.set(short, format);
  }
  return format;
}

/** Few characters, for cells of a picture: `−1.23K`; `short` fewer: `−1.2K`. */
export function formatCompact(value: number | null | undefined, short = false): string {
  return known(value) ? minus(compactFormat(short).format(value)) : DASH;
}
