import { Check, CircleHelp, TriangleAlert, X, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { CodeBlock } from "@/components/chat/code-block";
import { CopyButton } from "@/components/chat/copy-button";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { messageOf } from "@/lib/failures";
import { deserves, removedBy, type RemovedTrades } from "@/lib/rule-trades";
import type { SuggestedRule } from "@/lib/types";
import { RuleReplayView } from "./rule-replay";

/** A verdict's shape and tone; one from a later server reads as unknown. */
const VERDICTS: Record<string, { icon: LucideIcon; tone: string }> = {
  holds: { icon: Check, tone: "border-gain/50 text-gain" },
  fragile: { icon: TriangleAlert, tone: "border-warn/50 text-warn" },
  "in-sample only": { icon: TriangleAlert, tone: "border-warn/50 text-warn" },
  "no better than chance": { icon: X, tone: "border-line-strong text-ink-2" },
  hurts: { icon: X, tone: "border-loss/50 text-loss" },
};
const UNKNOWN = { icon: CircleHelp, tone: "border-line-strong text-ink-2" };

export interface RuleCardProps {
  rule: SuggestedRule;
  currency: string;
  adopted: boolean;
  onAdopt: (rule: SuggestedRule) => Promise<void>;
  onShowRemoved: (removed: RemovedTrades) => void;
}

/** A suggested rule: what it says, whether it held and why, its replay on this run, its code, and a way to adopt it. */
export function RuleCard({ rule, currency, adopted, onAdopt, onShowRemoved }: RuleCardProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { replay } = rule;
  const removed = removedBy(rule);
  const { icon: Icon, tone } = VERDICTS[replay?.verdict ?? ""] ?? UNKNOWN;

  const adopt = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onAdopt(rule);
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <article data-testid="rule-card" className="space-y-2.5 rounded-md border bg-raised p-3">
      <header className="flex flex-wrap items-start gap-x-2 gap-y-1">
        <h4 className="min-w-0 flex-1 basis-48 text-[13px] font-semibold">{rule.name}</h4>
        {replay?.verdict ? (
          <span
            data-testid="rule-verdict"
            className={cn("inline-flex h-5 items-center gap-1 rounded border px-1.5 text-2xs font-medium", tone)}
          >
            <Icon className="size-3" aria-hidden /> {replay.verdict}
          </span>
        ) : null}
      </header>
      <p className="text-[13px]">{rule.plain}</p>
      {replay?.verdict_why ? <p className="text-xs text-ink-2">{replay.verdict_why}</p> : null}
      {replay ? <RuleReplayView replay={replay} currency={currency} /> : null}
      <div className="flex flex-wrap items-center gap-2">
        {adopted || (replay && deserves(replay)) ? (
          <Button
            size="sm"
            variant={!adopted && replay?.verdict === "holds" ? "primary" : "secondary"}
            data-testid="adopt-rule"
            disabled={busy || adopted}
            onClick={() => void adopt()}
          >
            {adopted ? <Check aria-hidden /> : null}
            {adopted ? "Adopted" : "Adopt"}
          </Button>
        ) : null}
        {removed ? (
          <Button size="sm" data-testid="rule-trades" onClick={() => onShowRemoved(removed)}>
            Show the trades it would remove
          </Button>
        ) : null}
        {rule.code ? <CopyButton text={() => rule.code} label="Copy code" className="h-7 border px-2.5" /> : null}
        {error ? (
          <span role="alert" className="text-xs text-loss">
            {error}
          </span>
        ) : null}
      </div>
      {rule.code ? (
        <details className="text-xs">
          <summary className="text-ink-2 hover:text-ink">Code</summary>
          <div className="mt-1.5">
            <CodeBlock language="python">
              <code>{rule.code}</code>
            </CodeBlock>
          </div>
        </details>
      ) : null}
    </article>
  );
}
