import type { AutoscaleInfo, SeriesMarker, UTCTimestamp } from "lightweight-charts";
import { formatMoney, formatPct } from "@/lib/format";
import { themeColor } from "@/lib/theme";
import type { EquityPoint } from "@/lib/types";
import { LABELS_WIDTH, loadCharts, momentText, placeMarks, seeAll, toSeries, type TradeMark } from "./series";

export interface EquityPlot {
  setPoints: (points: readonly EquityPoint[]) => void;
  setMarks: (marks: readonly TradeMark[]) => void;
  /** Narrows (below 1) or widens what is seen around its middle. */
  zoom: (factor: number) => void;
  showAll: () => void;
  dispose: () => void;
}

export interface EquityPlotEvents {
  onMark?: (tradeId: number) => void;
  /** The part of the run that is in sight, in seconds; called as it is moved. */
  onWindow?: (from: number, to: number) => void;
}

const WATER_HEIGHT = 84;
/** Where the curve spans more, nobody reads the cents, and on a phone they take its room. */
const CENTS_BELOW = 100;
const FEW_POINTS = 60;
/** In percent. */
const LEAST_DEPTH = -0.1;

/** Equity above, drawdown under water below. */
export async function drawEquity(box: HTMLElement, { onMark, onWindow }: EquityPlotEvents): Promise<EquityPlot> {
  const { AreaSeries, ColorType, createChart, createSeriesMarkers } = await loadCharts();
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: themeColor("ink-3"),
      fontSize: 10,
      attributionLogo: false,
      panes: { separatorColor: themeColor("line"), enableResize: false },
    },
    localization: { timeFormatter: momentText },
    grid: { vertLines: { visible: false }, horzLines: { color: themeColor("line") } },
    rightPriceScale: { borderVisible: false, minimumWidth: LABELS_WIDTH, scaleMargins: { top: 0.12, bottom: 0.06 } },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, minBarSpacing: 0.01 },
    handleScroll: { vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  });
  let cents = 2;
  const equity = chart.addSeries(AreaSeries, {
    lineColor: themeColor("accent-ink"),
    topColor: themeColor("accent-ink", 0.16),
    bottomColor: themeColor("accent-ink", 0),
    lineWidth: 2,
    priceLineVisible: false,
    priceFormat: {
      type: "custom",
      formatter: (value: number) => formatMoney(value, "", cents),
    },
  });
  const water = chart.addSeries(
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
      // The water's surface is the top: of a run that never fell, the library would fill the room above zero.
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
        const fit = original();
        if (!fit?.priceRange) return fit;
        return { ...fit, priceRange: { minValue: Math.min(fit.priceRange.minValue, LEAST_DEPTH), maxValue: 0 } };
      },
    },
    1,
  );
  chart.panes()[1]?.setHeight(WATER_HEIGHT);
  const marker = createSeriesMarkers(equity, [], { autoScale: false });
  // The library's marks grow with the room between points: of few points they would hide the curve.
  const markSize = (): number => (times.length < FEW_POINTS ? 0.4 : 1);
  const scale = chart.timeScale();
  let times: UTCTimestamp[] = [];
  let whole = true;
  const showAll = (): void => {
    whole = true;
    seeAll(scale, times.length);
  };
  // Drawn behind a tab the chart has no width yet, and its labels take their part of it once they are measured.
  scale.subscribeSizeChange(() => {
    if (whole) showAll();
  });
  chart.subscribeClick((event) => {
    if (typeof event.hoveredObjectId === "string") onMark?.(Number(event.hoveredObjectId));
  });
  scale.subscribeVisibleTimeRangeChange((range) => {
    const first = times[0];
    const last = times.at(-1);
    if (!range || first === undefined || last === undefined) return;
    whole = Number(range.from) <= first && Number(range.to) >= last;
    onWindow?.(Number(range.from), Number(range.to));
  });
  return {
    setPoints: (points) => {
      const seen = whole ? null : scale.getVisibleRange();
      const series = toSeries(points);
      const money = points.map((point) => point.equity);
      cents = Math.max(...money) - Math.min(...money) < CENTS_BELOW ? 2 : 0;
      times = series.equity.map((point) => point.time);
      equity.setData(series.equity);
      water.setData(series.drawdown);
      if (seen) scale.setVisibleRange(seen);
      else showAll();
    },
    setMarks: (marks) =>
      marker.setMarkers(
        placeMarks(times, marks).map(({ time, mark }): SeriesMarker<UTCTimestamp> => ({
          time,
          id: String(mark.tradeId),
          position: mark.net < 0 ? "aboveBar" : "belowBar",
          size: markSize(),
          shape: mark.net < 0 ? "arrowDown" : "arrowUp",
          color: themeColor(mark.net < 0 ? "loss" : "gain"),
        })),
      ),
    zoom: (factor) => {
      const range = scale.getVisibleLogicalRange();
      if (!range) return;
      whole = false;
      const middle = (range.from + range.to) / 2;
      const half = Math.max(((range.to - range.from) / 2) * factor, 2);
      scale.setVisibleLogicalRange({
        from: Math.max(middle - half, -0.5),
        to: Math.min(middle + half, times.length - 0.5),
      });
    },
    showAll,
    dispose: () => chart.remove(),
  };
}
