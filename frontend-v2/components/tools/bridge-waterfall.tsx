import { useState } from "react";
import { cn } from "@/lib/cn";
import { formatMoney, formatSigned, labelOf, toneOf } from "@/lib/format";
import type { Analysis, BridgeLeg } from "@/lib/types";
import { waterfall, type WaterfallInput } from "@/lib/waterfall";

/** Bars beyond these are one: the picture is of what matters. */
const MOST_LEGS = 8;
const CUTS = ["whole", "by_symbol", "by_side", "by_tag", "by_hour"] as const;
type Cut = (typeof CUTS)[number];
const CUT_LABELS: Record<Cut, string> = {
  whole: "Costs",
  by_symbol: "Symbol",
  by_side: "Side",
  by_tag: "Exit",
  by_hour: "Hour",
};

/** From the closed trades' result to the run's headline figure. */
function headline(net: number, open: number): WaterfallInput[] {
  if (!open) return [{ label: "Net P&L", value: net, total: true }];
  return [
    { label: "Net, closed trades", value: net, total: true },
    { label: "Still open", value: open },
    { label: "Total P&L", value: net + open, total: true },
  ];
}

function costSteps(bridge: Analysis["bridge"]): WaterfallInput[] {
  const { gross_pnl, fees, funding, net_pnl, open_pnl } = bridge;
  const steps: WaterfallInput[] = [
    { label: "Gross P&L", value: gross_pnl, total: true },
    { label: "Less fees", value: -fees, cost: true },
  ];
  if (funding) steps.push({ label: "Less funding", value: -funding, cost: true });
  return [...steps, ...headline(net_pnl, open_pnl)];
}

/** The parts that sum to the net result: losses first, the small ones together. */
function legSteps(legs: readonly BridgeLeg[], net: number, open: number): WaterfallInput[] {
  const bySize = [...legs].sort((a, b) => Math.abs(b.net_pnl) - Math.abs(a.net_pnl));
  const shown = bySize.slice(0, MOST_LEGS).sort((a, b) => a.net_pnl - b.net_pnl);
  const rest = bySize.slice(MOST_LEGS);
  return [
    ...shown.map(({ key, net_pnl }) => ({ label: key, value: net_pnl })),
    ...(rest.length
      ? [{ label: `${rest.length} others`, value: rest.reduce((sum, leg) => sum + leg.net_pnl, 0) }]
      : []),
    ...headline(net, open),
  ];
}

/** From gross to net, and what the net result is made of; a table whose middle column is the picture. */
export function BridgeWaterfall({ data: analysis }: { data: Analysis }) {
  const [cut, setCut] = useState<Cut>("whole");
  const { bridge, currency } = analysis;
  const cuts = CUTS.filter((one) => one === "whole" || (bridge[one]?.length ?? 0) > 1);
  const legs = cut === "whole" ? [] : (bridge[cut] ?? []);
  const { steps, zero } = waterfall(
    cut === "whole" ? costSteps(bridge) : legSteps(legs, bridge.net_pnl, bridge.open_pnl),
  );
  return (
    <div className="space-y-2" data-testid="bridge-waterfall">
      {cuts.length > 1 ? (
        <div role="group" aria-label="Split the result by" className="flex flex-wrap gap-1">
          {cuts.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={cut === one}
              className={cn(
                "h-6 rounded px-2 text-xs",
                cut === one ? "bg-hover text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
              )}
              onClick={() => setCut(one)}
            >
              {CUT_LABELS[one]}
            </button>
          ))}
        </div>
      ) : null}
      <table className="tnum w-full text-xs">
        <caption className="sr-only">
          {cut === "whole" ? "From gross to the result" : `Net P&L ${labelOf(cut).toLowerCase()}`}, in {currency}
        </caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Picture</th>
            <th scope="col">{currency}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ label, value, total, cost, from, to }) => (
            <tr key={label}>
              <th
                scope="row"
                className={cn(
                  "max-w-32 truncate py-0.5 pe-3 text-start",
                  total ? "font-semibold" : "font-normal text-ink-2",
                )}
                title={label}
              >
                {label}
              </th>
              <td className="w-full" aria-hidden>
                <div className="relative h-5" dir="ltr">
                  <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${zero}%` }} />
                  <span
                    className={cn(
                      "absolute inset-y-0.5 min-w-0.5 rounded-[2px]",
                      value < 0 ? "bg-loss" : "bg-gain",
                      total ? "" : "opacity-70",
                    )}
                    style={{ left: `${from}%`, width: `${to - from}%` }}
                  />
                </div>
              </td>
              <td className={cn("ps-3 text-end whitespace-nowrap", total && "font-semibold", toneOf(value))}>
                {cost ? formatMoney(-value) : formatSigned(value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-2xs text-ink-3">
        In {currency}; a cost is above zero. The parts sum to the result
        {bridge.open_pnl ? ", with what is still open" : ""}.
      </p>
    </div>
  );
}
