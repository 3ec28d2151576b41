import { formatNumber } from "@/lib/format";
import type { KeyCredit } from "@/lib/types";

const usd = (value: number): string => `$${formatNumber(value)}`;

/** What may still be spent with a key, as OpenRouter says. */
export function KeyCreditLine({ credit }: { credit: KeyCredit }) {
  const { usage, limit, limit_remaining, is_free_tier } = credit;
  const share = limit && limit_remaining !== null ? Math.max(0, Math.min(1, limit_remaining / limit)) : null;
  return (
    <div className="space-y-1 rounded-md bg-raised px-3 py-2 text-xs" data-testid="key-credit">
      <p className="tnum flex flex-wrap gap-x-3">
        <span className="font-medium text-ink">
          {limit_remaining === null ? "No spending limit on this key" : `${usd(limit_remaining)} left`}
          {limit === null || limit_remaining === null ? "" : ` of ${usd(limit)}`}
        </span>
        {usage === null ? null : <span className="text-ink-2">{usd(usage)} used so far</span>}
        {is_free_tier ? <span className="text-warn">free tier</span> : null}
      </p>
      {share === null ? null : (
        <div className="h-1 overflow-hidden rounded bg-line" aria-hidden>
          <div className={share < 0.1 ? "h-full bg-loss" : "h-full bg-gain"} style={{ width: `${share * 100}%` }} />
        </div>
      )}
    </div>
  );
}
