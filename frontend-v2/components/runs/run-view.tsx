import { PanelRight } from "lucide-react";
import { useState } from "react";
import { ChatInterface } from "@/components/chat-interface";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { onDemand } from "@/components/ui/on-demand";
import { Skeleton } from "@/components/ui/skeleton";
import { Tip } from "@/components/ui/tip";
import { prepareAnswer } from "@/hooks/use-chat-stream";
import { useWide } from "@/hooks/use-wide";
import { cn } from "@/lib/cn";
import { formatSigned, formatTime, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";
import { runOf, viewFromSearch, type Tab } from "@/lib/view";
import { RunMenuButton } from "./run-menu-button";

const TABS: readonly { tab: Tab; label: string }[] = [
  { tab: "chat", label: "Chat" },
  { tab: "overview", label: "Overview" },
  { tab: "trades", label: "Trades" },
];
/** From here on there is room for a glance at the run beside the chat. */
const WIDE = 1280;

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="space-y-3 p-4">
      <Skeleton className="h-20" />
      <Skeleton className="h-64" />
    </div>
  );
}

// Charts and tables are fetched when they are looked at: the chat needs none of them.
const RunGlance = onDemand(() => import("./run-glance").then((module) => module.RunGlance), Loading);
const loadOverview = () => import("./run-overview").then((module) => module.RunOverview);
const loadTrades = () => import("./run-trades").then((module) => module.RunTrades);
const RunOverview = onDemand(loadOverview, Loading);
const RunTrades = onDemand(loadTrades, Loading);

/** Begins to fetch what the address shows of the run, beside the run: drawn parts would ask for the next one by one. */
function fetchShown(): void {
  const view = viewFromSearch(window.location.search);
  const { session, tab } = view;
  if (runOf(view) === null) return;
  if (tab === "overview") loadOverview().catch(() => undefined);
  else if (tab === "trades") loadTrades().catch(() => undefined);
  else if (session !== "new") prepareAnswer();
}
if (typeof window !== "undefined") fetchShown();

/** One run: the chat with a glance at the run beside it, the whole report, or all trades. */
export function RunView({ run }: { run: Run }) {
  const { view, conversation, go } = useView();
  const [panel, setPanel] = useState(true);
  const wide = useWide(WIDE);
  const { total_pnl, total_return } = run.summary;
  const chatting = view.tab === "chat";
  const [chatted, setChatted] = useState(chatting);
  if (chatting && !chatted) setChatted(true);
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-13 shrink-0 items-center gap-2 border-b bg-panel px-3 md:gap-3 md:px-4">
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-sm font-semibold">{run.name}</h1>
          <p className="truncate text-xs text-ink-3">
            {run.model_name} · {run.source} · {formatTime(run.started_at, false)} → {formatTime(run.ended_at, false)}
          </p>
        </div>
        <p className={cn("tnum hidden text-end text-[13px] leading-tight md:block", toneOf(total_pnl))}>
          {formatSigned(total_pnl)} <span className="text-xs text-ink-3">{run.currency}</span>
          <span className="block text-xs">{formatSigned(total_return, 2, "%")}</span>
        </p>
        <div className="flex rounded-md border p-0.5" role="group" aria-label="View">
          {TABS.map(({ tab, label }) => (
            <button
              key={tab}
              type="button"
              data-testid={`tab-${tab}`}
              aria-pressed={view.tab === tab}
              className={cn(
                "h-7 rounded px-2 text-xs sm:px-2.5",
                view.tab === tab ? "bg-hover text-ink" : "text-ink-2",
              )}
              onClick={() => go({ tab })}
            >
              {label}
            </button>
          ))}
        </div>
        {wide && chatting ? (
          <Tip text={panel ? "Hide the glance" : "Show the glance"}>
            <Button
              variant="ghost"
              size="icon"
              aria-label="Glance at the run"
              aria-pressed={panel}
              onClick={() => setPanel(!panel)}
            >
              <PanelRight className="rtl:-scale-x-100" aria-hidden />
            </Button>
          </Tip>
        ) : null}
        <RunMenuButton run={run} />
      </header>
      <div className="flex min-h-0 flex-1">
        {/* Once looked at the chat stays: an answer goes on streaming while one looks at the report. */}
        {chatted ? (
          <div className={cn("min-w-0 flex-1", !chatting && "hidden")}>
            <ChatInterface key={conversation} run={run} />
          </div>
        ) : null}
        {chatting && wide && panel ? (
          <section
            aria-label="The run at a glance"
            className="min-h-0 w-[400px] shrink-0 2xl:w-[460px] overflow-y-auto border-s bg-panel"
          >
            <RunGlance run={run} />
          </section>
        ) : null}
        {view.tab === "overview" ? (
          <section aria-label="Run overview" className="min-h-0 flex-1 overflow-y-auto" data-testid="report-scroll">
            <RunOverview run={run} />
          </section>
        ) : null}
        {view.tab === "trades" ? (
          <section aria-label="Trades" className="min-h-0 min-w-0 flex-1">
            <RunTrades run={run} />
          </section>
        ) : null}
      </div>
    </div>
  );
}
