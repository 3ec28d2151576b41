import { useId } from "react";
import { Coins, FlaskConical, ShieldAlert, TrendingDown, TrendingUp, Wrench, type LucideIcon } from "lucide-react";
import { whyOf } from "@/lib/questions";
import type { Run } from "@/lib/types";

interface QuickAction {
  icon: LucideIcon;
  title: string;
  about: string;
  question: string;
}

const QUICK_ACTIONS: readonly QuickAction[] = [
  {
    icon: FlaskConical,
    title: "Worst trades",
    about: "The trades that cost most, and why",
    question: "What were the worst trades, and what do they have in common?",
  },
  {
    icon: ShieldAlert,
    title: "Risk and drawdown",
    about: "Drawdown, volatility, concentration",
    question: "How risky was this run? Look at drawdown, volatility and concentration.",
  },
  {
    icon: Coins,
    title: "Fees and costs",
    about: "What fees and funding took",
    question: "How much did fees and funding cost this run?",
  },
  {
    icon: Wrench,
    title: "What should I change?",
    about: "Rules, replayed on this run first",
    question: "What should I change? Suggest rules that would have avoided the losses.",
  },
];

/** What is asked first of a run that lost, won, or did neither. */
function firstAction(run: Run): QuickAction {
  const lost = (run.summary.total_pnl ?? 0) < 0;
  const question = whyOf(run);
  return {
    icon: lost ? TrendingDown : TrendingUp,
    title: question,
    about: lost ? "What the losses have in common" : "What the result rests on",
    question,
  };
}

/** An empty conversation: what the analyst does, and the questions most ask first. */
export function ChatOpening({ run, onAsk }: { run: Run; onAsk: (question: string) => void }) {
  const id = useId();
  return (
    <div className="animate-appear space-y-4 pt-[7vh]">
      <div className="space-y-2">
        <h2 className="text-lg font-semibold tracking-tight text-balance">What do you want to know about this run?</h2>
        <p className="max-w-lg text-[13px] text-pretty text-ink-2">
          The analyst reads the positions of “{run.name}”, computes the figures, and cites the trades behind them.
          Figures it can’t trace are marked.
        </p>
      </div>
      <div role="group" aria-label="Quick questions" className="grid gap-2 sm:grid-cols-2">
        {[firstAction(run), ...QUICK_ACTIONS].map(({ icon: Icon, title, about, question }, index) => (
          <button
            key={title}
            type="button"
            data-testid="question-chip"
            aria-labelledby={`${id}-${index}`}
            title={question}
            className="flex items-start gap-3 rounded-lg border bg-panel p-3 text-start hover:border-accent-ink hover:bg-raised"
            onClick={() => onAsk(question)}
          >
            <Icon className="mt-0.5 size-4 shrink-0 text-accent-ink" aria-hidden />
            <span className="min-w-0">
              <span id={`${id}-${index}`} className="block text-[13px] font-medium">
                {title}
              </span>
              <span className="block text-xs text-ink-2">{about}</span>
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
