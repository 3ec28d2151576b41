import type { UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/format";
import { themeColor, useTheme } from "@/lib/theme";
import { whenNear } from "@/lib/when-near";
import { LABELS_WIDTH, loadCharts, momentText, seeAll } from "./series";

export interface Curve {
  name: string;
  /** By rising seconds; where nothing is known (null) the line is broken. */
  points: readonly { time: number; value: number | null }[];
}

/** Told apart by colour and, beyond the fifth and for who sees no colours, by the kind of line. */
const TOKENS = ["accent-ink", "warn", "gain", "tool", "loss"] as const;
const DAY = 86_400;

export function lineOf(index: number): { token: (typeof TOKENS)[number]; style: 0 | 1 | 2 } {
  const token = TOKENS[index % TOKENS.length] ?? "accent-ink";
  return { token, style: index % 2 ? 2 : index >= TOKENS.length ? 1 : 0 };
}

export interface OverlayChartProps {
  curves: readonly Curve[];
  /** Says a value in words; a new one draws the chart anew. */
  format: (value: number) => string;
  /** Times are seconds since each run's first point. */
  fromStart?: boolean;
  label: string;
  className?: string;
  /** A moment was clicked, in the curves' own seconds. */
  onMoment?: (seconds: number) => void;
}

interface Drawing {
  onMoment: (seconds: number) => void;
}

async function draw(
  box: HTMLElement,
  { curves, format, fromStart, onMoment }: Pick<OverlayChartProps, "curves" | "format" | "fromStart"> & Drawing,
): Promise<() => void> {
  const { ColorType, createChart, LineSeries } = await loadCharts();
  const sinceStart = (seconds: number): string => `day ${formatNumber(seconds / DAY, 0)}`;
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: themeColor("ink-3"),
      fontSize: 10,
      attributionLogo: false,
    },
    localization: {
      priceFormatter: format,
      timeFormatter: (time: number) => (fromStart ? sinceStart(time) : momentText(time as UTCTimestamp)),
    },
    grid: { vertLines: { visible: false }, horzLines: { color: themeColor("line") } },
    rightPriceScale: { borderVisible: false, minimumWidth: LABELS_WIDTH },
    timeScale: {
      borderVisible: false,
      timeVisible: !fromStart,
      secondsVisible: false,
      minBarSpacing: 0.01,
      ...(fromStart ? { tickMarkFormatter: (time: number) => sinceStart(time) } : {}),
    },
    handleScroll: { vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  });
  curves.forEach((curve, index) => {
    const { token, style } = lineOf(index);
    const series = chart.addSeries(LineSeries, {
      color: themeColor(token),
      lineStyle: style,
      lineWidth: 2,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    series.setData(
      curve.points.map(({ time, value }) =>
        value === null ? { time: time as UTCTimestamp } : { time: time as UTCTimestamp, value },
      ),
    );
  });
  chart.subscribeClick(({ time }) => {
    if (typeof time === "number") onMoment(time);
  });
  const moments = new Set(curves.flatMap(({ points }) => points.map(({ time }) => time))).size;
  const fit = (): void => seeAll(chart.timeScale(), moments);
  fit();
  chart.timeScale().subscribeSizeChange(fit);
  return () => chart.remove();
}

/** Curves of one kind in one picture; what it shows is said in the table below it. */
export function OverlayChart({ curves, format, fromStart = false, label, className, onMoment }: OverlayChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const clicked = useRef(onMoment);
  const [failed, setFailed] = useState(false);
  const theme = useTheme();
  useEffect(() => {
    clicked.current = onMoment;
  }, [onMoment]);
  useEffect(() => {
    let gone = false;
    let dispose: (() => void) | null = null;
    const place = box.current;
    if (!place) return;
    const off = whenNear(place, () => {
      draw(place, { curves, format, fromStart, onMoment: (seconds) => clicked.current?.(seconds) }).then(
        (remove) => {
          if (gone) remove();
          else dispose = remove;
        },
        () => {
          if (!gone) setFailed(true);
        },
      );
    });
    return () => {
      gone = true;
      off();
      dispose?.();
    };
  }, [curves, format, fromStart, theme]);
  if (failed) return <p className="text-xs text-ink-2">The chart could not be drawn; the table holds its figures.</p>;
  return (
    <div
      ref={box}
      dir="ltr"
      role="img"
      data-testid="overlay-chart"
      aria-label={`${label}. The same figures stand in the table below.`}
      className={cn("w-full overflow-hidden weak:h-72", className)}
    />
  );
}
