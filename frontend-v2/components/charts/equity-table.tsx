import { formatMoney, formatPct } from "@/lib/format";
import type { EquityPoint } from "@/lib/types";
import { PointsTable } from "./points-table";

/** The table behind an equity curve. */
export function EquityTable({ points, currency }: { points: readonly EquityPoint[]; currency: string }) {
  return (
    <PointsTable
      points={points}
      columns={{
        Equity: (one) => formatMoney(one.equity, currency),
        "From the peak": (one) => formatPct(one.drawdown),
      }}
    />
  );
}
