import type { CheckedFigure, FigureStatus } from "./types";

/** The surest first. */
export const FIGURE_STATUSES = Object.keys({
  verified: true,
  derived: true,
  sourced: true,
  found: true,
  unverified: true,
} satisfies Record<FigureStatus, true>) as FigureStatus[];

const toStatus = (value: unknown): FigureStatus => FIGURE_STATUSES.find((status) => status === value) ?? "unverified";
const isPlace = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A checked figure from untrusted JSON, or null. A status from a later contract reads as unverified. */
export function toFigure(value: unknown): CheckedFigure | null {
  if (!isFields(value)) return null;
  const { text, start, end, why, belongs_to } = value;
  if (typeof text !== "string" || !isPlace(start) || !isPlace(end) || end <= start) return null;
  return {
    text,
    start,
    end,
    status: toStatus(value.status),
    source: isFields(value.source) ? value.source : null,
    ...(typeof why === "string" && why ? { why } : {}),
    ...(typeof belongs_to === "string" && belongs_to ? { belongs_to } : {}),
  };
}

export const STATUS_TEXT: Record<FigureStatus, string> = {
  verified: "Verified: this value, under this name, stands in a tool's result",
  derived: "Derived: computed in one step from figures of a tool's result",
  sourced: "Sourced: as a page on the web states it",
  found: "Found: the value stands in a tool's result, but the sentence does not name what it is",
  unverified: "Unverified: not found in any tool's result",
};

const MISMATCHES = new Set(["label_mismatch", "unit_mismatch"]);

/** The number exists, under another name or unit than the sentence gives it. */
export const isMismatch = ({ status, why }: CheckedFigure): boolean =>
  status === "unverified" && MISMATCHES.has(why ?? "");

/** A figure's status in words; of a mismatch whose number it is. */
export function statusText(figure: CheckedFigure): string {
  if (!isMismatch(figure)) return STATUS_TEXT[figure.status];
  if (figure.belongs_to) return `Unverified, another figure: ${figure.belongs_to}`;
  return figure.why === "unit_mismatch"
    ? "Unverified: the number stands in a tool's result, in another unit"
    : "Unverified: the number stands in a tool's result, under another name";
}
