import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { formatFigure, labelOf, toneOf } from "@/lib/format";
import type { MetricFigure } from "@/lib/types";

/** Figures whose sign is a verdict; others are coloured by nothing. */
const SIGNED = new Set([
  "total_pnl",
  "net_pnl",
  "open_pnl",
  "gross_pnl",
  "total_return",
  "cagr",
  "max_drawdown",
  "max_drawdown_money",
  "expectancy",
  "average_win",
  "average_loss",
  "largest_win",
  "largest_loss",
]);

export interface MetricTileProps {
  name: string;
  figure: MetricFigure | undefined;
  currency: string;
  /** A line in a table in place of a tile. */
  row?: boolean;
}

/** One figure with its definition on hover, on focus and on tap. */
export function MetricTile({ name, figure, currency, row }: MetricTileProps) {
  const value = figure ? formatFigure(figure.value, figure.unit, row ? currency : "") : "–";
  const tone = SIGNED.has(name) && typeof figure?.value === "number" ? toneOf(figure.value) : "text-ink";
  const tip = (
    <>
      <p>{figure?.definition ?? "Not computed for this run."}</p>
      {figure?.why ? <p className="mt-1 text-warn">{figure.why}</p> : null}
      {figure?.low_sample ? <p className="mt-1 text-warn">Few observations: read with care.</p> : null}
    </>
  );
  return (
    <Tip tap text={tip}>
      <button
        type="button"
        data-testid="metric"
        data-metric={name}
        className={cn(
          "min-w-0 rounded-md text-start hover:bg-hover",
          row ? "flex w-full items-baseline justify-between gap-3 px-2 py-0.5 text-xs" : "border bg-raised px-2 py-1.5",
        )}
      >
        <span className={cn("block truncate text-ink-2", row ? "text-xs" : "text-2xs")}>
          {labelOf(name)}
          {figure?.low_sample ? <span aria-label="few observations"> *</span> : null}
        </span>
        <span className={cn("tnum block truncate", row ? "text-xs" : "text-sm font-semibold", tone)}>{value}</span>
      </button>
    </Tip>
  );
}
