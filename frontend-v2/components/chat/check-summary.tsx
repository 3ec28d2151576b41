"use client";

import { BadgeCheck, CircleHelp, Sigma } from "lucide-react";
import { sourceText, tradeIdsOf } from "@/lib/figure-marks";
import type { CheckedFigure, FigureStatus } from "@/lib/types";

const ICONS: Record<FigureStatus, typeof Sigma> = { verified: BadgeCheck, derived: Sigma, unverified: CircleHelp };
const TONES: Record<FigureStatus, string> = {
  verified: "text-gain",
  derived: "text-accent-ink",
  unverified: "text-warn",
};

export interface CheckSummaryProps {
  figures: readonly CheckedFigure[];
  onTrades: (ids: number[], title: string) => void;
}

export function checkLine(figures: readonly CheckedFigure[]): string {
  const count = (status: FigureStatus): number => figures.filter((figure) => figure.status === status).length;
  const checked = `${figures.length} ${figures.length === 1 ? "figure" : "figures"} checked`;
  return `${checked}: ${count("verified")} verified, ${count("derived")} derived, ${count("unverified")} unverified`;
}

/** How the answer's figures fared; opens to each with its status in words and where it comes from. */
export function CheckSummary({ figures, onTrades }: CheckSummaryProps) {
  if (!figures.length) return null;
  const doubtful = figures.some((figure) => figure.status === "unverified");
  const Lead = doubtful ? CircleHelp : BadgeCheck;
  return (
    <details data-testid="check-summary" className="min-w-0 text-xs">
      <summary className="tnum inline-flex max-w-full list-none items-center gap-1.5 rounded text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
        <Lead className={`size-3.5 shrink-0 ${doubtful ? "text-warn" : "text-gain"}`} aria-hidden />
        {checkLine(figures)}
      </summary>
      <ul className="mt-1.5 divide-y rounded-md border">
        {figures.map((figure, index) => {
          const Icon = ICONS[figure.status];
          const ids = tradeIdsOf(figure);
          return (
            <li key={index} className="tnum flex flex-wrap items-center gap-x-2.5 gap-y-0.5 px-2.5 py-1">
              <span className={`inline-flex w-24 items-center gap-1.5 ${TONES[figure.status]}`}>
                <Icon className="size-3.5" aria-hidden /> {figure.status}
              </span>
              <span className="font-medium">{figure.text}</span>
              <span className="min-w-0 flex-1 truncate font-mono text-2xs text-ink-3" title={sourceText(figure)}>
                {sourceText(figure) || "no source found"}
              </span>
              {ids.length ? (
                <button
                  type="button"
                  className="text-accent-ink hover:underline"
                  onClick={() => onTrades(ids, `Behind ${figure.text}`)}
                >
                  {ids.length === 1 ? "1 trade" : `${ids.length} trades`}
                </button>
              ) : null}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
