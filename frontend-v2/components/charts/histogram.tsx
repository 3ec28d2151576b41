import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { formatMeasure, formatSigned, labelOf, plural } from "@/lib/format";
import type { Distribution, DistributionBin } from "@/lib/types";

const HEIGHT = 150;

export function rangeText(measure: string, bin: DistributionBin): string {
  if (bin.low === null) return `below ${formatMeasure(measure, bin.high ?? 0)}`;
  if (bin.high === null) return `${formatMeasure(measure, bin.low)} or more`;
  return `${formatMeasure(measure, bin.low)} to ${formatMeasure(measure, bin.high)}`;
}

/** Money and returns have a good side and a bad one; durations and costs have none. */
function tone(measure: string, bin: DistributionBin): string {
  if (measure === "holding_seconds" || measure === "fees") return "bg-accent-ink";
  return (bin.low ?? -1) >= 0 && measure !== "mae" ? "bg-gain" : "bg-loss";
}

/** How many trades fall where; each bar opens its trades. */
export function Histogram({
  data,
  onOpen,
  selected,
}: {
  data: Distribution;
  onOpen: (bin: DistributionBin) => void;
  selected: DistributionBin | null;
}) {
  const { bins, measure, currency } = data;
  const most = Math.max(...bins.map((bin) => bin.trade_count), 1);
  const first = bins[0];
  const last = bins.at(-1);
  const zero = bins.findIndex((bin) => bin.low === 0);
  return (
    <div data-testid="histogram">
      <div
        role="group"
        aria-label={`Trades by ${labelOf(measure)}`}
        className="flex items-end gap-px border-b"
        style={{ height: HEIGHT }}
      >
        {bins.map((bin, index) => {
          const text = `${rangeText(measure, bin)}: ${plural(bin.trade_count, "trade")}, net ${formatSigned(bin.net_pnl, 2, ` ${currency}`)}`;
          const open = bin.low === null || bin.high === null;
          return (
            <Tip key={index} text={text}>
              <button
                type="button"
                data-testid="histogram-bar"
                data-count={bin.trade_count}
                aria-label={text}
                aria-pressed={selected !== null && selected.low === bin.low && selected.high === bin.high}
                disabled={!bin.trade_count}
                className="flex h-full min-w-0 flex-1 flex-col justify-end rounded-t-sm hover:bg-hover aria-pressed:bg-hover"
                onClick={() => onOpen(bin)}
              >
                <span
                  className={cn("w-full rounded-t-[2px]", tone(measure, bin), open && "opacity-60")}
                  style={{ height: bin.trade_count ? Math.max(2, (bin.trade_count / most) * (HEIGHT - 8)) : 0 }}
                />
              </button>
            </Tip>
          );
        })}
      </div>
      <div aria-hidden className="tnum relative mt-1 flex h-4 justify-between text-2xs text-ink-3">
        <span>
          {first
            ? first.low === null
              ? `< ${formatMeasure(measure, first.high ?? 0)}`
              : formatMeasure(measure, first.low)
            : ""}
        </span>
        {zero > bins.length * 0.12 && zero < bins.length * 0.88 ? (
          <span className="absolute -translate-x-1/2" style={{ insetInlineStart: `${(zero / bins.length) * 100}%` }}>
            0
          </span>
        ) : null}
        <span>
          {last
            ? last.high === null
              ? `≥ ${formatMeasure(measure, last.low ?? 0)}`
              : formatMeasure(measure, last.high)
            : ""}
        </span>
      </div>
    </div>
  );
}
