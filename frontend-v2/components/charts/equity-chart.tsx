import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { formatMoney, formatPct } from "@/lib/format";
import { useTheme } from "@/lib/theme";
import type { EquityPoint } from "@/lib/types";
import { whenNear } from "@/lib/when-near";
import { ChartCredit } from "./chart-credit";
import { drawEquity, type EquityPlot } from "./equity-plot";
import { EquityTable } from "./equity-table";
import { loadCharts, type TradeMark } from "./series";

function describe(points: readonly EquityPoint[], currency: string): string {
  if (!points.length) return "Equity, loading";
  const first = points[0];
  const last = points.at(-1);
  const worst = Math.min(...points.map((point) => point.drawdown ?? 0));
  return `Equity from ${formatMoney(first?.equity, currency)} to ${formatMoney(last?.equity, currency)}; deepest drawdown ${formatPct(worst)}`;
}

const NO_MARKS: readonly TradeMark[] = [];

export interface EquityChartProps {
  /** None while they are fetched: the chart holds its place, and its library comes meanwhile. */
  points: readonly EquityPoint[];
  currency: string;
  marks?: readonly TradeMark[];
  /** One line beside the controls, whose place is there from the start. */
  note?: ReactNode;
  onMark?: (tradeId: number) => void;
  onWindow?: (from: number, to: number) => void;
}

export function EquityChart({ points, currency, marks = NO_MARKS, note, onMark, onWindow }: EquityChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onMark, onWindow });
  const [plot, setPlot] = useState<EquityPlot | "failed" | null>(null);
  const theme = useTheme();
  const hasPoints = points.length > 0;

  useEffect(() => {
    handlers.current = { onMark, onWindow };
  }, [onMark, onWindow]);

  useEffect(() => {
    let gone = false;
    let drawn: EquityPlot | null = null;
    const place = box.current;
    if (!place) return;
    const off = whenNear(place, () => {
      // An empty chart would be laid out and painted for nothing.
      if (!hasPoints) return void loadCharts().catch(() => undefined);
      drawEquity(place, {
        onMark: (id) => handlers.current.onMark?.(id),
        onWindow: (from, to) => handlers.current.onWindow?.(from, to),
      }).then(
        (made) => {
          if (gone) return made.dispose();
          drawn = made;
          setPlot(made);
        },
        () => {
          if (!gone) setPlot("failed");
        },
      );
    });
    return () => {
      gone = true;
      off();
      drawn?.dispose();
      setPlot(null);
    };
  }, [theme, hasPoints]);

  const ready = plot !== null && plot !== "failed" ? plot : null;
  useEffect(() => {
    if (points.length) ready?.setPoints(points);
  }, [ready, points]);
  useEffect(() => {
    ready?.setMarks(marks);
  }, [ready, points, marks]);

  return (
    <figure className="relative" data-testid="equity-chart" data-marks={marks.length} data-points={points.length}>
      {/* Above the curve and not on it: on a phone they would cover its beginning. */}
      <div className="mb-1 flex items-center gap-0.5" role="group" aria-label="What is in sight">
        <Button variant="ghost" size="icon-sm" aria-label="Look closer" onClick={() => ready?.zoom(0.5)}>
          <ZoomIn aria-hidden />
        </Button>
        <Button variant="ghost" size="icon-sm" aria-label="See more" onClick={() => ready?.zoom(2)}>
          <ZoomOut aria-hidden />
        </Button>
        <Button variant="ghost" size="icon-sm" aria-label="See the whole run" onClick={() => ready?.showAll()}>
          <Maximize2 aria-hidden />
        </Button>
        <p className="ms-auto min-w-0 truncate ps-1 text-2xs text-ink-3">{note}</p>
      </div>
      <div ref={box} role="img" dir="ltr" aria-label={describe(points, currency)} className="h-80 w-full @3xl:h-96" />
      <div className="mt-1 flex flex-wrap items-start justify-between gap-x-4">
        {points.length ? <EquityTable points={points} currency={currency} /> : <span />}
        <ChartCredit />
      </div>
      {plot === null || !points.length ? <Skeleton className="absolute inset-0" /> : null}
      {plot === "failed" ? <p className="text-xs text-ink-2">{describe(points, currency)}</p> : null}
    </figure>
  );
}
