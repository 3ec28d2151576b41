import { BadgeCheck, CircleHelp } from "lucide-react";
import { useState } from "react";
import { StatusMark } from "@/components/evidence/status-mark";
import { tradesBehind } from "@/lib/evidence";
import { formatQuoted, plural } from "@/lib/format";
import { sourceText, tradeIdsOf } from "@/lib/figure-marks";
import type { CheckedFigure, FigureStatus } from "@/lib/types";
import type { FigureEvidence } from "./message-assistant";

export interface CheckSummaryProps {
  figures: readonly CheckedFigure[];
  onEvidence: (evidence: FigureEvidence) => void;
}

export function checkLine(figures: readonly CheckedFigure[]): string {
  const count = (status: FigureStatus): number => figures.filter((figure) => figure.status === status).length;
  const checked = `${plural(figures.length, "figure")} checked`;
  return `${checked}: ${count("verified")} verified, ${count("derived")} derived, ${count("unverified")} unverified`;
}

function FigureList({ figures, onEvidence }: CheckSummaryProps) {
  return (
    <ul className="mt-1.5 divide-y rounded-md border">
      {figures.map((figure, index) => {
        const ids = tradeIdsOf(figure);
        return (
          <li key={index} className="tnum flex flex-wrap items-center gap-x-2.5 gap-y-0.5 px-2.5 py-1">
            <StatusMark status={figure.status} className="w-24" />
            <span className="font-medium">{formatQuoted(figure.text)}</span>
            <span
              className="min-w-0 flex-1 truncate font-mono text-2xs text-ink-3 max-sm:order-last max-sm:basis-full"
              title={sourceText(figure)}
            >
              {sourceText(figure) || "no source found"}
            </span>
            <button
              type="button"
              className="text-accent-ink hover:underline max-sm:ms-auto"
              onClick={() => onEvidence({ figure, ids, title: figure.text })}
            >
              {tradesBehind(figure) ? "trades" : ids.length ? plural(ids.length, "trade") : "details"}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** How the answer's figures fared; opens to each with its status in words and where it comes from. */
export function CheckSummary({ figures, onEvidence }: CheckSummaryProps) {
  // Of hundreds of figures the list is as large as the answer: it is made when it is first opened.
  const [opened, setOpened] = useState(false);
  if (!figures.length) return null;
  const doubtful = figures.some((figure) => figure.status === "unverified");
  const Lead = doubtful ? CircleHelp : BadgeCheck;
  return (
    <details data-testid="check-summary" className="min-w-0 text-xs">
      <summary
        onClick={() => setOpened(true)}
        className="tnum inline-flex max-w-full list-none items-center gap-1.5 rounded text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden"
      >
        <Lead className={`size-3.5 shrink-0 ${doubtful ? "text-warn" : "text-gain"}`} aria-hidden />
        {checkLine(figures)}
      </summary>
      {opened ? <FigureList figures={figures} onEvidence={onEvidence} /> : null}
    </details>
  );
}
