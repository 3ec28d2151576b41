import { formatMoney, labelOf, toneOf } from "@/lib/format";
import { cn } from "@/lib/cn";
import type { Analysis } from "@/lib/types";

const STEPS = ["gross_pnl", "fees", "funding", "net_pnl"] as const;

/** The closed trades' way from gross to net in four figures. */
export function RunBridge({ bridge }: { bridge: Analysis["bridge"] }) {
  return (
    <dl className="grid grid-cols-2 gap-1.5 text-xs @sm:grid-cols-4">
      {STEPS.map((name) => (
        <div key={name} className="rounded-md border bg-raised px-2 py-1.5">
          <dt className="truncate text-2xs text-ink-2">{labelOf(name)}</dt>
          <dd className={cn("tnum truncate", name.endsWith("pnl") && toneOf(bridge[name]))}>
            {formatMoney(bridge[name])}
          </dd>
        </div>
      ))}
    </dl>
  );
}
