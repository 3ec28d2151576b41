import { cn } from "@/lib/cn";
import { formatMoney, formatPct, formatSigned, toneOf } from "@/lib/format";
import type { RuleReplay } from "@/lib/types";

type Pair = readonly [number | null, number | null];

interface MeasureProps {
  label: string;
  values: Pair;
  show: (value: number | null) => string;
}

/** One measure before and after, as two bars on one scale. */
function Measure({ label, values, show }: MeasureProps) {
  const most = Math.max(...values.map((value) => Math.abs(value ?? 0)));
  return (
    <>
      {values.map((value, index) => (
        <tr key={index}>
          {index === 0 ? (
            <th scope="rowgroup" rowSpan={2} className="pe-3 text-start align-middle font-medium whitespace-nowrap">
              {label}
            </th>
          ) : null}
          <td className="pe-2 text-2xs text-ink-3">{index ? "after" : "before"}</td>
          <td className="w-full" aria-hidden>
            <span
              className={cn(
                "block h-3 min-w-0.5 rounded-[2px]",
                (value ?? 0) < 0 ? "bg-loss" : "bg-gain",
                index === 0 && "opacity-50",
              )}
              style={{ width: `${most ? (Math.abs(value ?? 0) / most) * 100 : 0}%` }}
            />
          </td>
          <td className={cn("ps-3 text-end whitespace-nowrap", toneOf(value))}>{show(value)}</td>
        </tr>
      ))}
    </>
  );
}

/** What is not known of a bounded replay, in words: in which order prices were reached inside each trade. */
function boundsInWords({ net_pnl_after_low: low, net_pnl_after_high: high }: RuleReplay, currency: string): string {
  if (low === null || high === null) return "";
  if (low === high) return `Net P&L would be ${formatMoney(low, currency)}, in whichever order prices moved.`;
  return `The file does not say in which order prices moved inside each trade. In the worst order net P&L would be ${formatMoney(low, currency)}, in the best ${formatMoney(high, currency)}; the bars show the worst.`;
}

/** What a rule would have changed in this run, before and after. */
export function RuleReplayView({ replay, currency }: { replay: RuleReplay; currency: string }) {
  if (replay.net_pnl_after === null) {
    return (
      <p className="text-xs text-ink-2">
        This rule can’t be replayed from the run alone. {replay.method_note ?? "It needs the prices inside each trade."}
      </p>
    );
  }
  const others = replay.other_runs ?? [];
  const facts: [string, string][] = [
    ["Trades removed", String(replay.trades_removed ?? "–")],
    ["Losers avoided / winners lost", `${replay.losers_avoided ?? "–"} / ${replay.winners_lost ?? "–"}`],
    ["Gain, first / second half", `${formatSigned(replay.first_half_gain)} / ${formatSigned(replay.second_half_gain)}`],
  ];
  if (others.length)
    facts.push(["Gain in other runs", others.map((run) => `#${run.run_number} ${formatSigned(run.gain)}`).join(", ")]);
  return (
    <div className="space-y-2" data-testid="rule-replay">
      <table className="tnum w-full text-xs">
        <caption className="sr-only">Replay of the rule on this run, in {currency}</caption>
        <tbody>
          <Measure
            label="Net P&L"
            values={[replay.net_pnl_before, replay.net_pnl_after]}
            show={(value) => formatSigned(value)}
          />
          <Measure
            label="Drawdown"
            values={[replay.max_drawdown_before, replay.max_drawdown_after]}
            show={(value) => formatPct(value)}
          />
        </tbody>
      </table>
      <dl className="tnum grid grid-cols-2 gap-x-4 gap-y-1 text-xs">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-2xs text-ink-3">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {replay.method === "bounded" ? (
        <p className="text-xs text-ink-2" data-testid="rule-bounds">
          {boundsInWords(replay, currency)}
        </p>
      ) : null}
      {replay.method_note ? <p className="text-2xs text-ink-3">{replay.method_note}</p> : null}
    </div>
  );
}
