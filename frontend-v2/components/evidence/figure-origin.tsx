import { useMemo } from "react";
import type { ToolCall } from "@/lib/chat-reducer";
import { argsText, figureOrigin, type Origin } from "@/lib/evidence";
import { isMismatch, statusText } from "@/lib/figure-status";
import { formatNumber, formatQuoted } from "@/lib/format";
import type { CheckedFigure } from "@/lib/types";
import { StatusMark } from "./status-mark";

function OriginCard({ origin }: { origin: Origin }) {
  const args = argsText(origin.args);
  return (
    <div className="space-y-1 rounded-md border bg-raised px-3 py-2" data-testid="figure-origin">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-[13px] font-medium">{origin.label}</span>
        {origin.where ? <span className="text-xs text-ink-2">{origin.where}</span> : null}
        {origin.value !== null ? (
          <span className="tnum ms-auto text-[13px] font-semibold">
            {formatNumber(origin.value, Number.isInteger(origin.value) ? 0 : 4)}
          </span>
        ) : null}
      </p>
      {origin.definition ? <p className="text-xs text-ink-2">{origin.definition}</p> : null}
      <p className="font-mono text-2xs break-words text-ink-3">
        {origin.tool}
        {args ? ` (${args})` : ""}
      </p>
    </div>
  );
}

/** What a figure of an answer came from: its status in words, definition, formula, and the results it rests on. */
export function FigureOriginView({ figure, tools }: { figure: CheckedFigure; tools: readonly ToolCall[] }) {
  const { status, origin, formula, inputs } = useMemo(() => figureOrigin(figure, tools), [figure, tools]);
  return (
    <section aria-label="What this figure came from" className="space-y-2">
      <p className="flex flex-wrap items-center gap-x-2 text-xs">
        <StatusMark figure={figure} className="font-medium" />
        <span className="text-ink-2">{statusText(figure).replace(/^[\w, ]+: /, "")}</span>
      </p>
      {status === "unverified" && !isMismatch(figure) ? (
        <p className="text-xs text-ink-2">
          No tool result of this conversation holds this number, and no single step from two verified ones gives it. The
          model may have computed it in several steps, or made it up: ask where it is from before relying on it.
        </p>
      ) : null}
      {formula ? (
        <p className="rounded-md border bg-raised px-3 py-2 text-[13px]" data-testid="figure-formula">
          <span className="text-ink-3">{formatQuoted(figure.text)} = </span>
          {formula}
        </p>
      ) : null}
      {origin ? <OriginCard origin={origin} /> : null}
      {inputs.map((input, index) => (
        <OriginCard key={index} origin={input} />
      ))}
    </section>
  );
}
