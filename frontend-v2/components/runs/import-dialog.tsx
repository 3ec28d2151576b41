import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useActions } from "@/hooks/use-actions";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { Field } from "@/components/ui/field";
import { Input, inputStyle } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { useImport } from "@/hooks/use-import";
import { useLibrary } from "@/hooks/use-library";
import {
  EMPTY_DRAFT,
  IMPORT_OPTIONS,
  importedBefore,
  isPastCancelling,
  shownMapping,
  withMeaning,
  type ImportDraft,
  type ImportOptionName,
} from "@/lib/import-form";
import type { ImportReport, Run } from "@/lib/types";
import { runOf, toRun } from "@/lib/view";
import { AlreadyImported } from "./already-imported";
import { FileDrop } from "./file-drop";
import { ImportPreviewView } from "./import-preview";
import { ImportProgress } from "./import-progress";
import { ImportResult } from "./import-result";

export interface ImportDialogProps {
  modelId: number | null;
  /** Chosen before the dialog was opened, by dropping it on the page. */
  file?: File | null;
  onClose: () => void;
}

const ofShown = (runs: readonly Run[], shown: number | null): number | null =>
  runs.find(({ id }) => id === shown)?.model_id ?? null;

/** Brings in a run from a file and says what was read, what was skipped, and why. */
export function ImportDialog({ modelId, file: dropped = null, onClose }: ImportDialogProps) {
  const queries = useQueryClient();
  const { view, go } = useView();
  const { createModel } = useActions();
  const { models, runs, loading } = useLibrary();
  // The strategy of the run in view, where none was named.
  const [chosen, setChosen] = useState<number | null>(() => modelId ?? ofShown(runs, runOf(view)));
  const [file, setFile] = useState<File | null>(dropped);
  const [draft, setDraft] = useState<ImportDraft>(EMPTY_DRAFT);
  const [result, setResult] = useState<{ run: Run; report: ImportReport } | null>(null);
  const target = chosen ?? models[0]?.id ?? null;
  const importing = useImport(target, file, draft);
  const { preview, busy, problem, cancelled } = importing;
  const isStoring = busy === "import" && isPastCancelling(importing.progress);
  const before = importedBefore(problem) ?? preview?.already_imported ?? null;

  const choose = (next: File | null): void => {
    // A drop is not held back by the disabled fields.
    if (busy === "import") return;
    // What was said of one file's columns and strategies means nothing for another's.
    setDraft(({ options }) => ({ options: { ...options, strategy: "", account: "" }, mapping: {}, multipliers: {} }));
    setFile(next);
  };
  const setOption = (name: ImportOptionName, value: string): void =>
    setDraft((now) => ({ ...now, options: { ...now.options, [name]: value } }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const imported = await importing.submit(before !== null);
    // Also after a refusal: a line that broke, or a cancelling that came too late, may have left a run.
    void queries.invalidateQueries({ queryKey: ["models"] });
    await queries.invalidateQueries({ queryKey: ["runs"] });
    setResult(imported);
  };
  // The first closing of a running import cancels it, and the dialog stays to say so.
  const close = (): void => {
    if (!importing.cancel()) onClose();
  };
  const openRun = (id: number): void => {
    go(toRun(id));
    onClose();
  };

  const again = (): void => {
    setResult(null);
    choose(null);
  };

  let body;
  if (result) {
    body = <ImportResult {...result} onOpen={() => openRun(result.run.id)} onMore={again} />;
  } else if (!loading && !models.length) {
    body = (
      <EmptyState title="A run belongs to a strategy">
        <Button
          className="mt-1"
          onClick={() => {
            onClose();
            createModel();
          }}
        >
          Create a strategy first
        </Button>
      </EmptyState>
    );
  } else {
    body = (
      <form onSubmit={(event) => void submit(event)} className="space-y-4">
        <fieldset disabled={busy === "import"} className="min-w-0 space-y-4">
          <Field label="Strategy">
            {(ids) => (
              <select
                {...ids}
                className={`${inputStyle} h-9`}
                data-testid="import-model"
                value={target ?? ""}
                onChange={(event) => setChosen(Number(event.target.value))}
              >
                {models.map((model) => (
                  <option key={model.id} value={model.id}>
                    {model.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <FileDrop file={file} onFile={choose} />
          <details className="text-[13px]">
            <summary className="text-xs text-ink-2 hover:text-ink">Options, where the file does not say</summary>
            <div className="mt-2 grid gap-3 sm:grid-cols-2">
              {IMPORT_OPTIONS.map(({ name, label, placeholder }) => (
                <Field key={name} label={label}>
                  {(ids) => (
                    <Input
                      {...ids}
                      data-testid={`import-${name}`}
                      placeholder={placeholder}
                      inputMode={name === "initial_cash" ? "decimal" : undefined}
                      value={draft.options[name] ?? ""}
                      onChange={(event) => setOption(name, event.target.value)}
                    />
                  )}
                </Field>
              ))}
            </div>
          </details>
          {preview ? (
            <ImportPreviewView
              preview={preview}
              strategies={importing.strategies}
              strategy={draft.options.strategy ?? ""}
              mapping={shownMapping(preview, draft)}
              draft={draft}
              onOption={setOption}
              onMultiplier={(symbol, text) =>
                setDraft((now) => ({ ...now, multipliers: { ...now.multipliers, [symbol]: text } }))
              }
              onStrategy={(strategy) => setOption("strategy", strategy)}
              onMeaning={(column, meaning) =>
                setDraft((now) => withMeaning(now, shownMapping(preview, now), column, meaning))
              }
            />
          ) : null}
        </fieldset>
        {before ? <AlreadyImported run={before} onOpen={() => openRun(before.run_id)} /> : null}
        {problem && !importedBefore(problem) ? <ProblemNote error={problem} /> : null}
        {/* In sight however long the preview is. */}
        <div className="sticky -bottom-4 -mx-4 -mb-4 space-y-3 border-t bg-panel px-4 py-3">
          {busy ? (
            <ImportProgress
              progress={importing.progress}
              doing={busy === "import" ? "Reading and saving the rows" : "Reading the rows"}
            />
          ) : null}
          {cancelled ? (
            <p role="status" data-testid="import-cancelled" className="rounded-md bg-raised px-3 py-2 text-[13px]">
              {cancelled}
            </p>
          ) : null}
          <div className="flex justify-end gap-2">
            <Button variant="ghost" data-testid="import-cancel" onClick={close}>
              {busy === "import" && !isStoring ? "Cancel import" : isStoring || cancelled ? "Close" : "Cancel"}
            </Button>
            <Button
              type="submit"
              variant="primary"
              data-testid="import-submit"
              disabled={busy !== null || !preview || preview.problem !== null}
            >
              {busy ? <Spinner className="text-white" /> : null}{" "}
              {busy === "import" ? "Importing" : before ? "Import again" : "Import"}
            </Button>
          </div>
        </div>
      </form>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={close}
      title="Import a run"
      description="A backtest’s, a paper or a live run’s trades, as the engine or venue exports them, or any table of fills or round trips. The format is recognised."
      testId="import-dialog"
    >
      {body}
    </Dialog>
  );
}
