import type { KeyboardEvent, ReactNode } from "react";
import { Tip } from "@/components/ui/tip";
import type { FigureEvidence } from "@/lib/evidence";
import { tradesBehind } from "@/lib/figure-marks";
import { isMismatch, statusText } from "@/lib/figure-status";
import { sourceText, tradeIdsOf } from "@/lib/figure-marks";
import { plural } from "@/lib/format";
import type { CheckedFigure } from "@/lib/types";

export interface FigureMarkProps {
  figure: CheckedFigure | null;
  /** The id of a trade named in the text. */
  trade: number | null;
  onEvidence?: (evidence: FigureEvidence) => void;
  children: ReactNode;
}

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

function FigureTip({ figure, trades, open }: { figure: CheckedFigure; trades: number; open: boolean }) {
  const source = sourceText(figure);
  // Its ids may be the first of many.
  const behind = tradesBehind(figure) ? "trades" : trades ? plural(trades, "trade") : null;
  return (
    <>
      <p>{statusText(figure)}</p>
      {source ? <p className="mt-0.5 font-mono text-2xs break-all text-ink-2">{source}</p> : null}
      {open ? (
        <p className="mt-0.5 text-2xs text-ink-2">
          {behind ? `Click for its definition and the ${behind} behind it` : "Click for what is known of it"}
        </p>
      ) : null}
    </>
  );
}

/** A figure or a trade in the text; one click opens what it came from. Only a doubt has a mark (≈, ?, ≠), which is drawn and no text. */
export function FigureMark({ figure, trade, onEvidence, children }: FigureMarkProps) {
  if (!figure) {
    if (!onEvidence || trade === null) return <>{children}</>;
    return (
      <span
        {...inlineButton(() => onEvidence({ ids: [trade], title: `Trade #${trade}` }))}
        data-testid="trade-link"
        className="cursor-pointer text-accent-ink underline decoration-dotted underline-offset-2"
      >
        {children}
      </span>
    );
  }
  const ids = tradeIdsOf(figure);
  const action = onEvidence ? inlineButton(() => onEvidence({ figure, ids, title: figure.text })) : { tabIndex: 0 };
  return (
    <Tip text={<FigureTip figure={figure} trades={ids.length} open={onEvidence !== undefined} />}>
      <span
        {...action}
        dir="ltr"
        data-testid="figure-mark"
        data-status={figure.status}
        data-mismatch={isMismatch(figure) || undefined}
        className="figure-mark"
      >
        {children}
      </span>
    </Tip>
  );
}
