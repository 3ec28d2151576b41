import { useId, useMemo, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { formatMoney, formatPct, formatSigned, formatTime } from "@/lib/format";
import { nearest, sketchOf, type Sketch } from "@/lib/sketch";
import type { EquityPoint } from "@/lib/types";
import { EquityTable } from "./equity-table";
import type { TradeMark } from "./series";

export interface EquitySketchProps {
  points: readonly EquityPoint[];
  currency: string;
  marks: readonly TradeMark[];
  onMark: (tradeId: number) => void;
  /** A control above the curve's end. */
  action?: ReactNode;
}

/** How near a mark is pointed at, in percent of the width. */
const NEAR = 1.5;
const FAR_STEP = 10;
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -FAR_STEP,
  PageUp: FAR_STEP,
  Home: -Infinity,
  End: Infinity,
};

interface Placed {
  mark: TradeMark;
  index: number;
}

function markText({ tradeId, net }: TradeMark, currency: string): string {
  return `Trade #${tradeId}: ${formatSigned(net, 2, ` ${currency}`)}`;
}

/** The curve above, what is under water below; both as wide as there is room. */
function Curves({ sketch, placed }: { sketch: Sketch; placed: readonly Placed[] }) {
  const gradient = useId();
  return (
    <>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        aria-hidden
        className="absolute inset-x-0 top-0 h-40 w-full"
      >
        <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="var(--color-accent-ink)" stopOpacity="0.16" />
          <stop offset="1" stopColor="var(--color-accent-ink)" stopOpacity="0" />
        </linearGradient>
        <path d={sketch.area} fill={`url(#${gradient})`} />
        <path
          d={sketch.line}
          fill="none"
          className="stroke-accent-ink"
          strokeWidth={1.75}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <div aria-hidden className="absolute inset-x-0 top-0 h-40">
        {placed.map(({ mark, index }) => (
          <span
            key={mark.tradeId}
            data-testid="sketch-mark"
            className={`absolute -translate-x-1/2 text-[9px] leading-none ${mark.net < 0 ? "-translate-y-[135%] text-loss" : "translate-y-[35%] text-gain"}`}
            style={{ left: `${sketch.x[index]}%`, top: `${sketch.y[index]}%` }}
          >
            {mark.net < 0 ? "▼" : "▲"}
          </span>
        ))}
      </div>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        aria-hidden
        className="absolute inset-x-0 bottom-0 h-16 w-full border-t border-line-strong"
      >
        <path
          d={sketch.water}
          className="fill-loss/25 stroke-loss"
          strokeWidth={1}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </>
  );
}

/** Equity and drawdown in small, drawn without a chart library: read by pointing or with the arrow keys. */
export function EquitySketch({ points, currency, marks, onMark, action }: EquitySketchProps) {
  const [at, setAt] = useState<number | null>(null);
  const sketch = useMemo(() => sketchOf(points), [points]);
  const placed = useMemo<Placed[]>(() => {
    const times = points.map((point) => Date.parse(point.t));
    return marks.map((mark) => ({ mark, index: nearest(times, Date.parse(mark.t)) }));
  }, [points, marks]);
  if (!sketch) return null;
  const last = points.length - 1;
  const shown = points[at ?? last];
  const place = at === null ? null : (sketch.x[at] ?? 0);
  const near =
    place === null
      ? undefined
      : placed
          .filter(({ index }) => Math.abs((sketch.x[index] ?? 0) - place) <= NEAR)
          .sort((a, b) => Math.abs((sketch.x[a.index] ?? 0) - place) - Math.abs((sketch.x[b.index] ?? 0) - place))[0]
          ?.mark;
  const reading = `${formatTime(shown?.t)}: ${formatMoney(shown?.equity, currency)}, ${formatPct(shown?.drawdown)} from the peak`;

  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setAt(nearest(sketch.x, ((event.clientX - left) / width) * 100));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (event.key === "Enter" && near) onMark(near.tradeId);
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, (at ?? last) + step)));
  };
  return (
    <figure className="space-y-1" data-testid="equity-sketch" data-marks={marks.length}>
      <figcaption className="tnum flex min-h-8 flex-wrap justify-between gap-x-3 text-2xs text-ink-2">
        <span>
          <span className="text-xs font-medium text-ink">{formatMoney(shown?.equity, currency)}</span>{" "}
          {formatPct(shown?.drawdown)} from the peak
        </span>
        <span>{formatTime(shown?.t)}</span>
        <span className="flex w-full items-center gap-2">
          <span className="min-w-0 flex-1 truncate">
            {near
              ? `${markText(near, currency)} · click to open`
              : `${formatMoney(sketch.low, "", 0)} to ${formatMoney(sketch.high, "", 0)} · deepest ${formatPct(sketch.deepest)}`}
          </span>
          {action}
        </span>
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        dir="ltr"
        aria-label="Equity over time"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at ?? last}
        aria-valuetext={near ? `${reading}. ${markText(near, currency)}` : reading}
        className={`relative h-58 touch-pan-y ${near ? "cursor-pointer" : "cursor-crosshair"}`}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={onKeyDown}
        onClick={() => near && onMark(near.tradeId)}
      >
        <Curves sketch={sketch} placed={placed} />
        {at !== null ? (
          <>
            <span aria-hidden className="absolute inset-y-0 w-px bg-ink-3/60" style={{ left: `${place}%` }} />
            <span aria-hidden className="absolute inset-x-0 top-0 h-40">
              <span
                className="absolute size-2 -translate-x-1/2 -translate-y-1/2 rounded-full bg-accent-ink ring-2 ring-panel"
                style={{ left: `${place}%`, top: `${sketch.y[at]}%` }}
              />
            </span>
          </>
        ) : null}
      </div>
      <p className="tnum flex justify-between text-2xs text-ink-3" aria-hidden>
        <span>{formatTime(points[0]?.t, false)}</span>
        <span>{formatTime(points[last]?.t, false)}</span>
      </p>
      <EquityTable points={points} currency={currency} />
    </figure>
  );
}
