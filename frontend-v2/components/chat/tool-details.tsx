import type { ToolCall } from "@/lib/chat-reducer";
import { argsText } from "@/lib/evidence";
import { formatFigure, labelOf } from "@/lib/format";
import type { Metrics, Run } from "@/lib/types";

function Figures({ metrics, run }: { metrics: Metrics; run: Run }) {
  return (
    <dl className="tnum grid grid-cols-2 gap-x-4 gap-y-0.5 text-xs sm:grid-cols-3">
      {Object.entries(metrics.figures).map(([name, figure]) => (
        <div key={name} className="flex justify-between gap-2" title={figure.definition}>
          <dt className="truncate text-ink-2">{labelOf(name)}</dt>
          <dd>{formatFigure(figure.value, figure.unit, run.currency)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a tool was asked and what it found, in words and figures; what is drawn of it stands under the answer. */
export function ToolDetails({ call, run }: { call: ToolCall; run: Run }) {
  const args = argsText(call.args);
  const { data } = call;
  return (
    <div data-testid="tool-details" className="mt-1.5 space-y-2 rounded-md border border-tool-line/60 bg-panel p-3">
      {args ? <p className="font-mono text-2xs break-words text-ink-3">{args}</p> : null}
      {call.summary ? <p className="text-[13px] whitespace-pre-wrap">{call.summary}</p> : null}
      {data?.kind === "metrics" && typeof data.figures === "object" && data.figures !== null ? (
        <Figures metrics={data as unknown as Metrics} run={run} />
      ) : null}
      {typeof data?.message === "string" ? <p className="text-xs text-ink-2">{data.message}</p> : null}
    </div>
  );
}
