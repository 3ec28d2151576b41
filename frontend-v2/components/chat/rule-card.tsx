"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { messageOf } from "@/lib/failures";
import { formatMoney, formatPct } from "@/lib/format";
import type { RuleReplay, Run, SuggestedRule } from "@/lib/types";
import { CodeBlock } from "./code-block";

function replayFacts(replay: RuleReplay, currency: string): [string, string][] {
  const arrow = (before: string, after: string): string => `${before} → ${after}`;
  const facts: [string, string][] = [
    ["Net P&L", arrow(formatMoney(replay.net_pnl_before), formatMoney(replay.net_pnl_after, currency))],
    ["Max drawdown", arrow(formatPct(replay.max_drawdown_before), formatPct(replay.max_drawdown_after))],
    ["Losers avoided / winners lost", `${replay.losers_avoided ?? "–"} / ${replay.winners_lost ?? "–"}`],
    ["Gain, first / second half", `${formatMoney(replay.first_half_gain)} / ${formatMoney(replay.second_half_gain)}`],
  ];
  if (replay.method === "bounded")
    facts.push([
      "Net P&L range",
      `${formatMoney(replay.net_pnl_after_low)} … ${formatMoney(replay.net_pnl_after_high)}`,
    ]);
  return facts;
}

/** A suggested rule with its replay on this run, its code, and a way to adopt it. */
export function RuleCard({ rule, run, currency }: { rule: SuggestedRule; run: Run; currency: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const [adopted, setAdopted] = useState<"no" | "busy" | "yes">("no");
  const [error, setError] = useState<string | null>(null);

  const adopt = async (): Promise<void> => {
    setAdopted("busy");
    setError(null);
    try {
      const { name, kind, params, code } = rule;
      await api.models.addRule(run.model_id, { name, kind, params, code, enabled: true });
      setAdopted("yes");
      void queries.invalidateQueries({ queryKey: ["rules", run.model_id] });
    } catch (reason) {
      setError(messageOf(reason));
      setAdopted("no");
    }
  };
  return (
    <article data-testid="rule-card" className="space-y-2 rounded-md border bg-raised p-3">
      <header className="flex flex-wrap items-center gap-2">
        <h4 className="min-w-0 flex-1 text-[13px] font-semibold">{rule.name}</h4>
        {rule.replay?.verdict ? (
          <span className="rounded border border-line-strong px-1.5 text-2xs text-ink-2">{rule.replay.verdict}</span>
        ) : null}
        <Button size="sm" disabled={adopted !== "no"} onClick={() => void adopt()}>
          {adopted === "yes" ? "Adopted" : "Adopt"}
        </Button>
      </header>
      <p className="text-xs text-ink-2">{rule.plain}</p>
      {rule.replay ? (
        <dl className="tnum grid gap-x-4 gap-y-1 text-xs sm:grid-cols-2">
          {replayFacts(rule.replay, currency).map(([label, value]) => (
            <div key={label}>
              <dt className="text-2xs text-ink-3">{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {rule.replay?.verdict_why ? <p className="text-xs text-ink-3">{rule.replay.verdict_why}</p> : null}
      {rule.code ? (
        <CodeBlock language="python">
          <code className="text-ink">{rule.code}</code>
        </CodeBlock>
      ) : null}
      {error ? (
        <p role="alert" className="text-xs text-loss">
          {error}
        </p>
      ) : null}
    </article>
  );
}
