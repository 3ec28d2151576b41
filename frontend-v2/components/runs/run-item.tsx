import { useView } from "@/components/shell/view-provider";
import { cn } from "@/lib/cn";
import { formatPct, formatSigned, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";
import { runOf, toRun } from "@/lib/view";

/** A run in the sidebar: number, name, and what it made. */
export function RunItem({ run, onNavigate }: { run: Run; onNavigate?: () => void }) {
  const { view, go } = useView();
  const { total_pnl, total_return } = run.summary;
  const selected = runOf(view) === run.id;
  return (
    <button
      type="button"
      data-testid="run-item"
      data-run-id={run.id}
      data-run-number={run.run_number}
      aria-current={selected ? "page" : undefined}
      className={cn(
        "block w-full rounded-md border-s-2 px-2 py-1.5 text-start hover:bg-hover",
        selected ? "border-accent-ink bg-hover" : "border-transparent",
      )}
      onClick={() => {
        if (!selected) go(toRun(run.id));
        onNavigate?.();
      }}
    >
      <span className="flex items-baseline gap-1.5">
        <span className="tnum text-xs text-ink-3">#{run.run_number}</span>
        <span className="min-w-0 flex-1 truncate text-[13px]">{run.name}</span>
      </span>
      <span className="tnum flex justify-between gap-2 text-xs">
        <span className={toneOf(total_pnl)}>
          {formatSigned(total_pnl)} <span className="text-ink-3">{run.currency}</span>
        </span>
        <span className={toneOf(total_return)}>
          {total_return === null ? formatPct(null) : formatSigned(total_return, 2, "%")}
        </span>
      </span>
    </button>
  );
}
