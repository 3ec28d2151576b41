import { useState } from "react";
import { ChatInterface } from "@/components/chat-interface";
import { useView } from "@/components/shell/view-provider";
import { onDemand } from "@/components/ui/on-demand";
import { Skeleton } from "@/components/ui/skeleton";
import { prepareAnswer } from "@/hooks/use-chat-stream";
import { useWide } from "@/hooks/use-wide";
import { cn } from "@/lib/cn";
import type { Run } from "@/lib/types";
import { runOf, viewFromSearch } from "@/lib/view";
import { RunHeader } from "./run-header";

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
  const { view, conversation } = useView();
  const [panel, setPanel] = useState(true);
  const wide = useWide(WIDE);
  const chatting = view.tab === "chat";
  const [chatted, setChatted] = useState(chatting);
  if (chatting && !chatted) setChatted(true);
  return (
    <div className="flex h-full flex-col">
      <RunHeader run={run} glance={wide && chatting ? { shown: panel, toggle: () => setPanel(!panel) } : null} />
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
