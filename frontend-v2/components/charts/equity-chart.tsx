"use client";

import { useEffect, useRef, useState } from "react";
import { formatMoney, formatPct } from "@/lib/format";
import type { EquityPoint } from "@/lib/types";
import { Skeleton } from "@/components/ui/skeleton";
import { themeColor, useTheme } from "@/lib/theme";
import { toSeries } from "./series";

type Dispose = () => void;

/** Draws equity above and drawdown below. The chart library is loaded here and nowhere else. */
async function draw(box: HTMLElement, points: EquityPoint[]): Promise<Dispose> {
  const { AreaSeries, ColorType, LineSeries, createChart } = await import("lightweight-charts");
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: themeColor("ink-3"),
      fontSize: 10,
      panes: { separatorColor: themeColor("line"), enableResize: false },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: themeColor("line") } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false },
    handleScroll: { vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  });
  const { equity, drawdown } = toSeries(points);
  chart
    .addSeries(LineSeries, {
      color: themeColor("accent-ink"),
      lineWidth: 2,
      priceLineVisible: false,
      priceFormat: {
        type: "custom",
        formatter: (value: number) => formatMoney(value, "", Math.abs(value) >= 1e5 ? 0 : 2),
      },
    })
    .setData(equity);
  chart
    .addSeries(
      AreaSeries,
      {
        lineColor: themeColor("loss"),
        topColor: themeColor("loss", 0.05),
        bottomColor: themeColor("loss", 0.35),
        invertFilledArea: true,
        lineWidth: 1,
        priceLineVisible: false,
        lastValueVisible: false,
        priceFormat: { type: "custom", formatter: (value: number) => formatPct(value, 1) },
      },
      1,
    )
    .setData(drawdown);
  chart.panes()[1]?.setHeight(72);
  // Drawn behind a tab the chart has no width yet; it is fitted when it gets one.
  const refit = new ResizeObserver(() => chart.timeScale().fitContent());
  refit.observe(box);
  return () => {
    refit.disconnect();
    chart.remove();
  };
}

function describe(points: EquityPoint[], currency: string): string {
  const first = points[0];
  const last = points.at(-1);
  const worst = Math.min(...points.map((point) => point.drawdown));
  return `Equity from ${formatMoney(first?.equity, currency)} to ${formatMoney(last?.equity, currency)}; deepest drawdown ${formatPct(worst)}`;
}

export function EquityChart({ points, currency }: { points: EquityPoint[]; currency: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "drawn" | "failed">("loading");
  const theme = useTheme();

  useEffect(() => {
    let gone = false;
    let dispose: Dispose | null = null;
    if (!box.current) return;
    draw(box.current, points).then(
      (remove) => {
        if (gone) return remove();
        dispose = remove;
        setState("drawn");
      },
      () => {
        if (!gone) setState("failed");
      },
    );
    return () => {
      gone = true;
      dispose?.();
    };
  }, [points, theme]);

  return (
    <figure className="relative" data-testid="equity-chart">
      <div ref={box} role="img" aria-label={describe(points, currency)} className="h-64 w-full" />
      {state === "loading" ? <Skeleton className="absolute inset-0" /> : null}
      {state === "failed" ? <p className="text-xs text-ink-2">{describe(points, currency)}</p> : null}
    </figure>
  );
}
