import { cn } from "@/lib/cn";
import { formatCompact, formatSigned, plural, toneOf } from "@/lib/format";
import { WEEKDAY_NAMES, weeksOf } from "@/lib/month-grid";
import type { Period } from "@/lib/types";

/** The stronger the day against the month's strongest, the stronger its colour; text stays readable on all of them. */
function tint(day: Period, largest: number): string {
  const share = Math.round(8 + (Math.abs(day.net_pnl) / largest) * 26);
  return `color-mix(in srgb, var(--color-${day.net_pnl < 0 ? "loss" : "gain"}) ${share}%, var(--color-panel))`;
}

/** Few characters, and on a phone, where a cell takes five, fewer still. */
function Net({ value }: { value: number }) {
  const sign = value > 0 ? "+" : "";
  return (
    <>
      <span className="@max-xl:hidden">{`${sign}${formatCompact(value)}`}</span>
      <span className="tracking-tighter @xl:hidden">{`${sign}${formatCompact(value, true)}`}</span>
    </>
  );
}

function DayCell({
  date,
  day,
  largest,
  onOpen,
}: {
  date: string;
  day?: Period;
  largest: number;
  onOpen: (day: Period) => void;
}) {
  const number = Number(date.slice(8));
  const frame =
    "flex h-full min-h-13 w-full flex-col rounded-md px-0.5 py-1 text-start @xl:p-1 @3xl:min-h-16 @3xl:p-1.5";
  if (!day)
    return (
      <span className={cn(frame, "border border-line text-2xs text-ink-3")}>
        <span className="tnum">{number}</span>
      </span>
    );
  const text = `${formatSigned(day.net_pnl)} · ${plural(day.trade_count, "trade")}`;
  return (
    <button
      type="button"
      data-testid="calendar-day"
      data-day={date}
      aria-label={`${date}: ${text}`}
      title={`${date} · ${text}`}
      className={cn(frame, "hover:ring-1 hover:ring-accent-ink")}
      style={{ background: day.net_pnl === 0 ? "var(--color-raised)" : tint(day, largest) }}
      onClick={() => onOpen(day)}
    >
      <span className="tnum text-2xs text-ink-2">{number}</span>
      <span className="tnum mt-auto truncate text-xs font-semibold text-ink @max-xl:text-2xs">
        <Net value={day.net_pnl} />
      </span>
      <span className="tnum hidden truncate text-2xs text-ink-2 @3xl:block">{plural(day.trade_count, "trade")}</span>
    </button>
  );
}

export interface DayCalendarProps {
  /** `2025-11` */
  month: string;
  days: readonly Period[];
  currency: string;
  onOpen: (day: Period) => void;
}

/** One month of days with what each made; a day opens its trades. */
export function DayCalendar({ month, days, currency, onOpen }: DayCalendarProps) {
  const shown = new Map(days.filter((day) => day.key.startsWith(month)).map((day) => [day.key, day]));
  const largest = Math.max(...[...shown.values()].map((day) => Math.abs(day.net_pnl)), 1e-9);
  return (
    <table
      data-testid="day-calendar"
      className="w-full table-fixed border-separate border-spacing-0.5 @3xl:border-spacing-1"
    >
      <caption className="sr-only">
        Net P&amp;L in {currency} of the trades closed on each day of {month} (UTC)
      </caption>
      <thead>
        <tr className="text-2xs font-medium text-ink-3">
          {WEEKDAY_NAMES.map((name) => (
            <th key={name} scope="col" className="pb-0.5 font-medium">
              {name}
            </th>
          ))}
          <th scope="col" className="hidden pb-0.5 font-medium @xl:table-cell">
            Week
          </th>
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week, index) => {
          const traded = week.flatMap((date) => (date ? (shown.get(date) ?? []) : []));
          const net = traded.reduce((sum, day) => sum + day.net_pnl, 0);
          return (
            <tr key={index}>
              {week.map((date, place) => (
                <td key={date ?? place} className="h-px p-0 align-top">
                  {date ? <DayCell date={date} day={shown.get(date)} largest={largest} onOpen={onOpen} /> : null}
                </td>
              ))}
              <td className="hidden p-1 text-end align-middle @xl:table-cell">
                {traded.length ? (
                  <>
                    <span className={cn("tnum block truncate text-xs font-semibold", toneOf(net))}>
                      <Net value={net} />
                    </span>
                    <span className="tnum block text-2xs text-ink-3">{plural(traded.length, "day")}</span>
                  </>
                ) : null}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
