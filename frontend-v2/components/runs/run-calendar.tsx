import { keepPreviousData } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { DayCalendar } from "@/components/charts/day-calendar";
import { MonthTable } from "@/components/charts/month-table";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { AskButton } from "@/components/chat/ask-button";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useFetched } from "@/hooks/use-fetched";
import { cn } from "@/lib/cn";
import { formatPct, formatSigned, plural, toneOf } from "@/lib/format";
import { monthName } from "@/lib/month-grid";
import { questionOfDay, questionOfMonth } from "@/lib/questions";
import { closedOn } from "@/lib/trade-choices";
import { textFromFilter } from "@/lib/trade-filter";
import type { LongPeriod, Period, Run } from "@/lib/types";

function MonthSummary({ month, currency }: { month: LongPeriod; currency: string }) {
  return (
    <p className="tnum flex flex-wrap gap-x-3 text-xs text-ink-2" data-testid="month-summary">
      <span className={cn("font-semibold", toneOf(month.net_pnl))}>
        {formatSigned(month.net_pnl, 2, ` ${currency}`)}
      </span>
      {month.return_pct === null ? null : <span>equity {formatSigned(month.return_pct, 2, "%")}</span>}
      <span>{plural(month.trade_count, "trade")}</span>
      <span>win rate {formatPct(month.win_rate, 1)}</span>
      <span>
        {plural(month.winning_days, "winning day")}, {month.losing_days} losing
      </span>
    </p>
  );
}

function ExtremeDay({
  label,
  day,
  run,
  onOpen,
}: {
  label: string;
  day: Period | null;
  run: Run;
  onOpen: (day: Period) => void;
}) {
  if (!day) return null;
  return (
    <li className="flex items-center gap-1 rounded-md bg-raised py-1 ps-2.5 pe-1 text-xs">
      <span className="text-ink-2">{label}</span>
      <button type="button" className="tnum text-accent-ink hover:underline" onClick={() => onOpen(day)}>
        {day.key}
      </button>
      <span className={cn("tnum", toneOf(day.net_pnl))}>{formatSigned(day.net_pnl)}</span>
      <AskButton question={questionOfDay(day, run.currency)} about={day.key} />
    </li>
  );
}

/** What each day made, a month at a time, below what each month made; a day opens its trades. */
export function RunCalendar({ run }: { run: Run }) {
  const api = useApi();
  const { go } = useView();
  const [chosen, setChosen] = useState<string | null>(null);
  const year = chosen === null ? null : Number(chosen.slice(0, 4));
  const calendar = useFetched({
    queryKey: ["calendar", run.id, run.version, year],
    queryFn: () => api.runs.calendar(run.model_id, run.id, year),
    placeholderData: keepPreviousData,
  });
  const { data } = calendar;
  const keys = data?.months.map((month) => month.key) ?? [];
  const month = chosen ?? keys.at(-1) ?? null;
  const place = month === null ? -1 : keys.indexOf(month);
  const summary = data?.months[place];
  const openDay = (day: Period): void => go({ tab: "trades", filter: textFromFilter(closedOn(day.key)) });
  const step = (by: number): void => setChosen(keys[place + by] ?? month);
  return (
    <Section
      title="Calendar"
      note={`${summary && summary.return_pct !== null ? "return of equity by month, " : ""}net P&L by day of closing, UTC`}
      testId="run-calendar"
    >
      {calendar.error ? <ProblemNote error={calendar.error} onRetry={() => void calendar.refetch()} /> : null}
      {calendar.isPending ? <Skeleton className="h-[34rem]" /> : null}
      {data && !data.months.length ? <EmptyState title="No closed trades" /> : null}
      {data && month && summary ? (
        <div className="space-y-3">
          <MonthTable
            months={data.months}
            years={data.years}
            currency={run.currency}
            selected={month}
            onSelect={setChosen}
          />
          <div className="space-y-1.5 rounded-md border bg-panel p-2 @3xl:p-3">
            <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <div className="flex items-center gap-1">
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label="Month before"
                  disabled={place <= 0}
                  onClick={() => step(-1)}
                >
                  <ChevronLeft className="rtl:rotate-180" aria-hidden />
                </Button>
                <h3
                  className="min-w-32 text-center text-[13px] font-semibold"
                  aria-live="polite"
                  data-testid="calendar-month"
                >
                  {monthName(month)}
                </h3>
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label="Month after"
                  disabled={place >= keys.length - 1}
                  onClick={() => step(1)}
                >
                  <ChevronRight className="rtl:rotate-180" aria-hidden />
                </Button>
              </div>
              <MonthSummary month={summary} currency={run.currency} />
              <AskButton
                labelled
                className="ms-auto"
                question={questionOfMonth(summary, run.currency)}
                about={monthName(month)}
              />
            </header>
            <DayCalendar month={month} days={data.days} currency={run.currency} onOpen={openDay} />
          </div>
          <ul className="flex flex-wrap gap-2">
            <ExtremeDay label="Best day" day={data.best_day} run={run} onOpen={openDay} />
            <ExtremeDay label="Worst day" day={data.worst_day} run={run} onOpen={openDay} />
          </ul>
        </div>
      ) : null}
    </Section>
  );
}
