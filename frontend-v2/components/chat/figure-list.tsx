import { StatusMark } from "@/components/evidence/status-mark";
import type { FigureEvidence } from "@/lib/evidence";
import { tradesBehind } from "@/lib/figure-marks";
import { sourceText, tradeIdsOf } from "@/lib/figure-marks";
import { formatQuoted, plural } from "@/lib/format";
import type { CheckedFigure } from "@/lib/types";

export interface FigureListProps {
  figures: readonly CheckedFigure[];
  onEvidence: (evidence: FigureEvidence) => void;
}

/** Each figure of an answer with its status in words and where it comes from. */
export function FigureList({ figures, onEvidence }: FigureListProps) {
  return (
    <ul className="mt-1.5 divide-y rounded-md border">
      {figures.map((figure, index) => {
        const ids = tradeIdsOf(figure);
        return (
          <li key={index} className="tnum flex flex-wrap items-center gap-x-2.5 gap-y-0.5 px-2.5 py-1">
            <StatusMark figure={figure} className="w-24" />
            <span className="font-medium">{formatQuoted(figure.text)}</span>
            <span
              className="min-w-0 flex-1 truncate font-mono text-2xs text-ink-3 max-sm:order-last max-sm:basis-full"
              title={figure.belongs_to ?? sourceText(figure)}
            >
              {figure.belongs_to ?? (sourceText(figure) || "no source found")}
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
