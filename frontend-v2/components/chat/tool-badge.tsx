import { Ban, Check, ChevronDown, X } from "lucide-react";
import { useState } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { Spinner } from "@/components/ui/spinner";
import { cn } from "@/lib/cn";
import type { ToolCall } from "@/lib/chat-reducer";
import { formatMilliseconds } from "@/lib/format";
import type { Run } from "@/lib/types";

const ToolDetails = onDemand(() => import("./tool-details").then((module) => module.ToolDetails));

const STATE_TEXT: Record<ToolCall["state"], string> = {
  running: "running",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

function StateIcon({ state }: { state: ToolCall["state"] }) {
  const style = "size-3.5";
  if (state === "running") return <Spinner className={cn(style, "text-tool")} />;
  if (state === "done") return <Check className={style} aria-hidden />;
  return state === "failed" ? (
    <X className={cn(style, "text-loss")} aria-hidden />
  ) : (
    <Ban className={cn(style, "text-ink-3")} aria-hidden />
  );
}

/** A tool call: spinning while it runs, then its duration; opens to what it was asked and what it found. */
export function ToolBadge({ call, run }: { call: ToolCall; run: Run }) {
  const [open, setOpen] = useState(false);
  const more = Boolean(call.summary || call.data || Object.keys(call.args).length);
  return (
    <div className={cn("min-w-0", open && "w-full")}>
      <button
        type="button"
        data-testid="tool-badge"
        data-tool={call.tool}
        data-state={call.state}
        aria-expanded={open}
        disabled={!more}
        className="inline-flex h-6.5 max-w-full items-center gap-1.5 rounded-full border border-tool-line bg-tool-fill px-2.5 text-xs text-tool hover:brightness-125"
        onClick={() => setOpen(!open)}
      >
        <StateIcon state={call.state} />
        <span className="truncate font-mono">{call.tool}</span>
        {call.durationMs !== null ? (
          <span className="tnum text-tool">{formatMilliseconds(call.durationMs)}</span>
        ) : null}
        <span className={cn((call.state === "running" || call.state === "done") && "sr-only")}>
          {STATE_TEXT[call.state]}
        </span>
        {more ? <ChevronDown className={cn("size-3 transition-transform", open && "rotate-180")} aria-hidden /> : null}
      </button>
      {open ? <ToolDetails call={call} run={run} /> : null}
    </div>
  );
}
