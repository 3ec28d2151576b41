import { useQueryClient } from "@tanstack/react-query";
import { Check, Upload } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useActions } from "@/hooks/use-actions";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { cn } from "@/lib/cn";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";

const SOURCES =
  "freqtrade, backtesting.py, vectorbt, LEAN and QuantConnect, MetaTrader, TradingView, AI-Trader, and any CSV of trades or fills";

const SUGGESTED_NAME = "My strategy";

function Step({
  number,
  title,
  done,
  children,
}: {
  number: number;
  title: string;
  done?: boolean;
  children: ReactNode;
}) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden
        className={cn(
          "grid size-6 shrink-0 place-items-center rounded-full border text-xs font-semibold",
          done ? "border-gain/50 bg-gain/15 text-gain" : "border-line-strong text-ink-2",
        )}
      >
        {done ? <Check className="size-3.5" /> : number}
      </span>
      <div className="min-w-0 flex-1 space-y-2 pt-0.5">
        <h2 className="text-[13px] font-semibold">{title}</h2>
        {children}
      </div>
    </li>
  );
}

/** An account without runs: the shortest way to the first answer. */
export function FirstSteps({ models }: { models: readonly TradingModel[] }) {
  const api = useApi();
  const queries = useQueryClient();
  const { createModel, importRun } = useActions();
  const [name, setName] = useState(SUGGESTED_NAME);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const first = models[0];

  const start = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const model =
        first ??
        (await api.models.create({
          name: name.trim() || SUGGESTED_NAME,
          ai_model: OFFLINE_MODEL,
          model_parameters: {},
          custom_instructions: "",
        }));
      await queries.invalidateQueries({ queryKey: ["models"] });
      importRun(model.id);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mx-auto max-w-xl space-y-5 py-[4vh]" data-testid="first-steps">
      <header className="space-y-1">
        <h1 className="text-lg font-semibold tracking-tight">Bring your first run</h1>
        <p className="text-[13px] text-ink-2">Three steps to the answer to “why did it lose money?”</p>
      </header>
      <ol className="space-y-5 rounded-lg border bg-panel p-4">
        <Step number={1} title="Import a finished run">
          <p className="text-xs text-ink-2">
            Backtest, paper or live: {SOURCES}. You see what was read before anything is saved.
          </p>
          {first ? null : (
            <Field
              label="The strategy that the run is of"
              hint="It is made with the offline analyst, and can be changed."
            >
              {(ids) => (
                <Input
                  {...ids}
                  data-testid="first-strategy"
                  maxLength={200}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
          )}
          <Button variant="primary" data-testid="first-import" disabled={busy} onClick={() => void start()}>
            {busy ? <Spinner className="text-white" /> : <Upload aria-hidden />} Choose a file
          </Button>
          {problem ? <ProblemNote error={problem} onRetry={() => void start()} /> : null}
        </Step>
        <Step number={2} title="Choose who answers" done={first !== undefined}>
          <p className="text-xs text-ink-2">
            {first
              ? `“${first.name}” answers with ${first.ai_model}. Its settings are behind the sliders beside its name.`
              : "To begin with, the offline analyst: deterministic, free, no key. An OpenRouter model of your own can take over at any time."}
          </p>
          {first ? null : (
            <Button size="sm" onClick={createModel}>
              Set up a strategy first
            </Button>
          )}
        </Step>
        <Step number={3} title="Ask">
          <p className="text-xs text-ink-2">Every figure of the answer leads to the trades behind it.</p>
        </Step>
      </ol>
    </div>
  );
}
