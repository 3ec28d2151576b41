import { PanelRight } from "lucide-react";
import { ChatActions } from "@/components/chat/chat-actions";
import { MenuButton } from "@/components/shell/menu-button";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { formatSigned, formatTime, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";
import type { Tab } from "@/lib/view";
import { RunMenuButton } from "./run-menu-button";

const TABS: readonly { tab: Tab; label: string }[] = [
  { tab: "chat", label: "Chat" },
  { tab: "overview", label: "Overview" },
  { tab: "trades", label: "Trades" },
];
export interface RunHeaderProps {
  run: Run;
  /** The run in short beside the chat; null where there is no room for it. */
  glance: { shown: boolean; toggle: () => void } | null;
}

/** Which run this is and what it made, its parts, and its conversations; on a narrow screen the one bar there is. */
export function RunHeader({ run, glance }: RunHeaderProps) {
  const { view, go } = useView();
  const { total_pnl, total_return } = run.summary;
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-2 border-b bg-panel px-2 py-1 md:h-13 md:flex-nowrap md:gap-x-3 md:px-4 md:py-0">
      <MenuButton />
      <span
        data-testid="run-badge"
        className="tnum max-md:order-3 rounded-md border border-accent/50 bg-accent/15 px-2 py-0.5 text-xs font-medium whitespace-nowrap text-accent-ink"
      >
        Run #{run.run_number}
      </span>
      <div className="min-w-0 flex-1">
        <h1
          className="line-clamp-2 text-[13px] leading-tight font-semibold md:line-clamp-1 md:text-sm"
          title={run.name}
        >
          {run.name}
        </h1>
        <p className="hidden truncate text-xs text-ink-3 md:block">
          {run.model_name} · {run.source} · {formatTime(run.started_at, false)} → {formatTime(run.ended_at, false)}
        </p>
      </div>
      <p
        data-testid="run-result"
        className={cn("tnum text-end text-xs leading-tight whitespace-nowrap md:text-[13px]", toneOf(total_pnl))}
      >
        {formatSigned(total_pnl)} <span className="text-2xs text-ink-3 md:text-xs">{run.currency}</span>
        <span className="block text-xs">{formatSigned(total_return, 2, "%")}</span>
      </p>
      <div className="md:order-last">
        <RunMenuButton run={run} />
      </div>
      <span aria-hidden className="order-1 basis-full md:hidden" />
      <div className="contents md:flex md:items-center md:gap-2">
        <div className="flex rounded-md border p-0.5 max-md:order-2" role="group" aria-label="View">
          {TABS.map(({ tab, label }) => (
            <button
              key={tab}
              type="button"
              data-testid={`tab-${tab}`}
              aria-pressed={view.tab === tab}
              className={cn("h-7 rounded px-2.5 text-xs", view.tab === tab ? "bg-hover text-ink" : "text-ink-2")}
              onClick={() => go({ tab })}
            >
              {label}
            </button>
          ))}
        </div>
        <div className="flex max-md:order-4 max-md:ms-auto">
          <ChatActions run={run} />
        </div>
      </div>
      {glance ? (
        <Tip text={glance.shown ? "Hide the glance" : "Show the glance"}>
          <Button
            variant="ghost"
            size="icon"
            aria-label="Glance at the run"
            aria-pressed={glance.shown}
            onClick={glance.toggle}
          >
            <PanelRight className="rtl:-scale-x-100" aria-hidden />
          </Button>
        </Tip>
      ) : null}
    </header>
  );
}
