"use client";

import { PanelRight } from "lucide-react";
import { useState } from "react";
import { ChatInterface } from "@/components/chat-interface";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { formatSigned, formatTime, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";
import { RunMenu } from "./run-menu";
import { RunOverview } from "./run-overview";

const TABS = [
  { tab: "chat", label: "Chat" },
  { tab: "overview", label: "Overview" },
] as const;

/** One run: the chat, and beside it (wide) or behind a tab (narrow) the overview. */
export function RunView({ run }: { run: Run }) {
  const { view, conversation, go } = useView();
  const [panel, setPanel] = useState(true);
  const { total_pnl, total_return } = run.summary;
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-13 shrink-0 items-center gap-3 border-b bg-panel px-3 md:px-4">
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-sm font-semibold">{run.name}</h1>
          <p className="truncate text-xs text-ink-3">
            {run.model_name} · {run.source} · {formatTime(run.started_at, false)} → {formatTime(run.ended_at, false)}
          </p>
        </div>
        <p className={cn("tnum hidden text-right text-[13px] leading-tight sm:block", toneOf(total_pnl))}>
          {formatSigned(total_pnl)} <span className="text-xs text-ink-3">{run.currency}</span>
          <span className="block text-xs">{formatSigned(total_return, 2, "%")}</span>
        </p>
        <div className="flex rounded-md border p-0.5 xl:hidden" role="group" aria-label="View">
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
        <Tip text={panel ? "Hide overview" : "Show overview"}>
          <Button
            variant="ghost"
            size="icon"
            className="hidden xl:inline-flex"
            aria-label={panel ? "Hide overview" : "Show overview"}
            aria-pressed={panel}
            onClick={() => setPanel(!panel)}
          >
            <PanelRight aria-hidden />
          </Button>
        </Tip>
        <RunMenu run={run} />
      </header>
      <div className="flex min-h-0 flex-1">
        <div className={cn("min-w-0 flex-1", view.tab === "overview" && "hidden xl:block")}>
          <ChatInterface key={conversation} run={run} />
        </div>
        <section
          aria-label="Run overview"
          className={cn(
            "min-h-0 overflow-y-auto bg-panel xl:w-[400px] xl:shrink-0 xl:border-l",
            view.tab === "overview" ? "w-full" : "hidden",
            panel ? "xl:block" : "xl:hidden",
          )}
        >
          <RunOverview run={run} />
        </section>
      </div>
    </div>
  );
}
