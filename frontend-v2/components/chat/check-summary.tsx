import { BadgeCheck, CircleHelp } from "lucide-react";
import { useState } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { FIGURE_STATUSES } from "@/lib/figure-status";
import { plural } from "@/lib/format";
import type { CheckedFigure, FigureStatus } from "@/lib/types";
import type { FigureListProps } from "./figure-list";

const FigureList = onDemand(() => import("./figure-list").then((module) => module.FigureList));

const SURE: ReadonlySet<FigureStatus> = new Set(["verified", "derived"]);

export function checkLine(figures: readonly CheckedFigure[]): string {
  const counts = new Map<FigureStatus, number>();
  for (const { status } of figures) counts.set(status, (counts.get(status) ?? 0) + 1);
  const said = FIGURE_STATUSES.flatMap((status) => (counts.has(status) ? [`${counts.get(status)} ${status}`] : []));
  return `${plural(figures.length, "figure")} checked: ${said.join(", ")}`;
}

/** How the answer's figures fared; opens to each with its status in words and where it comes from. */
export function CheckSummary({ figures, onEvidence }: FigureListProps) {
  // Of hundreds of figures the list is as large as the answer: it is made when it is first opened.
  const [opened, setOpened] = useState(false);
  if (!figures.length) return null;
  const doubtful = figures.some(({ status }) => !SURE.has(status));
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
