/** One row of a month: seven places from Monday to Sunday, null outside the month. */
export type Week = (string | null)[];

const pad = (value: number): string => String(value).padStart(2, "0");

/** The weeks of a month given as `2025-11`, each day as `2025-11-03`. */
export function weeksOf(month: string): Week[] {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const offset = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const places = Math.ceil((offset + days) / 7) * 7;
  const cells = Array.from({ length: places }, (_, index) => {
    const day = index - offset + 1;
    return day >= 1 && day <= days ? `${month}-${pad(day)}` : null;
  });
  return Array.from({ length: places / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/** `2025-11` → `November 2025`, in the reader's language. */
export function monthName(month: string, style: "long" | "short" = "long"): string {
  const moment = new Date(`${month}-01T00:00:00Z`);
  return Number.isNaN(moment.getTime())
    ? month
    : moment.toLocaleDateString(undefined, { month: style, year: "numeric", timeZone: "UTC" });
}

export const WEEKDAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
