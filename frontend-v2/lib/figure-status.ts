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
