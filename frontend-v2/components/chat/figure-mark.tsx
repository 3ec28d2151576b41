"use client";

import type { KeyboardEvent, ReactNode } from "react";
import { Tip } from "@/components/ui/tip";
import { sourceText, tradeIdsOf } from "@/lib/figure-marks";
import type { CheckedFigure, FigureStatus } from "@/lib/types";

export interface FigureMarkProps {
  figure: CheckedFigure | null;
  /** The id of a trade named in the text. */
  trade: number | null;
  onTrades?: (ids: number[], title: string) => void;
  children: ReactNode;
}

export const STATUS_TEXT: Record<FigureStatus, string> = {
  verified: "Verified: found in a tool's result",
  derived: "Derived: computed from verified figures",
  unverified: "Unverified: not found in any tool's result",
};

/** A button that flows with the text: a real one is a box, which punctuation would wrap away from. */
function inlineButton(act: () => void) {
  return {
    role: "button",
    tabIndex: 0,
    onClick: act,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    },
  };
}

function FigureTip({ figure, trades }: { figure: CheckedFigure; trades: number }) {
  const source = sourceText(figure);
  return (
    <>
      <p>{STATUS_TEXT[figure.status]}</p>
      {source ? <p className="mt-0.5 font-mono text-2xs break-all text-ink-2">{source}</p> : null}
      {trades ? <p className="mt-0.5 text-2xs text-ink-2">Click for the trades behind it</p> : null}
    </>
  );
}

/** A figure or a trade in the text; one click opens the trades behind it. */
export function FigureMark({ figure, trade, onTrades, children }: FigureMarkProps) {
  if (!figure) {
    if (!onTrades || trade === null) return <>{children}</>;
    return (
      <span
        {...inlineButton(() => onTrades([trade], `Trade #${trade}`))}
        data-testid="trade-link"
        className="cursor-pointer text-accent-ink underline decoration-dotted underline-offset-2"
      >
        {children}
      </span>
    );
  }
  const ids = tradeIdsOf(figure);
  const action = ids.length && onTrades ? inlineButton(() => onTrades(ids, `Behind ${figure.text}`)) : { tabIndex: 0 };
  return (
    <Tip text={<FigureTip figure={figure} trades={ids.length} />}>
      <span {...action} data-testid="figure-mark" data-status={figure.status} className="figure-mark">
        {children}
      </span>
    </Tip>
  );
}
