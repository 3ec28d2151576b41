import { cn } from "@/lib/cn";
import { formatMoney, toneOf } from "@/lib/format";
import type { Analysis } from "@/lib/types";

/** The run's way from gross to its headline figure: costs above zero, what is still open at its last known price. */
export function RunBridge({ bridge }: { bridge: Analysis["bridge"] }) {
  const { gross_pnl, fees, funding, net_pnl, open_pnl } = bridge;
  const steps: { label: string; value: number; cost?: true }[] = [
    { label: "Gross P&L", value: gross_pnl },
    { label: "Less fees", value: fees, cost: true },
    { label: "Less funding", value: funding, cost: true },
    { label: open_pnl ? "Net, closed" : "Net P&L", value: net_pnl },
  ];
  if (open_pnl) steps.push({ label: "Still open", value: open_pnl }, { label: "Total P&L", value: net_pnl + open_pnl });
  return (
    <dl
      className={cn("grid gap-1.5 text-xs", open_pnl ? "grid-cols-2 @xs:grid-cols-3" : "grid-cols-2 @sm:grid-cols-4")}
    >
      {steps.map(({ label, value, cost }) => (
        <div key={label} className="rounded-md border bg-raised px-2 py-1.5">
          <dt className="truncate text-2xs text-ink-2">{label}</dt>
          <dd className={cn("tnum truncate", cost ? "" : toneOf(value))}>{formatMoney(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
