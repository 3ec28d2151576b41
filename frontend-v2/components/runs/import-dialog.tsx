"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useActions } from "@/components/shell/actions-provider";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { Field } from "@/components/ui/field";
import { Input, inputStyle } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { useLibrary } from "@/hooks/use-library";
import type { ImportReport, Run } from "@/lib/types";
import { FileDrop } from "./file-drop";
import { ImportResult } from "./import-result";

const OPTIONS = [
  { name: "name", label: "Name", placeholder: "from the file" },
  { name: "initial_cash", label: "Initial cash", placeholder: "from the file" },
  { name: "currency", label: "Currency", placeholder: "e.g. USDT" },
  { name: "timezone", label: "Time zone", placeholder: "e.g. America/New_York" },
  { name: "strategy", label: "Strategy", placeholder: "if the file holds several" },
] as const;

type OptionName = (typeof OPTIONS)[number]["name"];

export interface ImportDialogProps {
  modelId: number | null;
  onClose: () => void;
}

/** Brings in a run from a file and says what was read, what was skipped, and why. */
export function ImportDialog({ modelId, onClose }: ImportDialogProps) {
  const api = useApi();
  const queries = useQueryClient();
  const { go } = useView();
  const { createModel } = useActions();
  const { models, loading } = useLibrary();
  const [chosen, setChosen] = useState<number | null>(modelId);
  const [file, setFile] = useState<File | null>(null);
  const [options, setOptions] = useState<Partial<Record<OptionName, string>>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [result, setResult] = useState<{ run: Run; report: ImportReport } | null>(null);
  const target = chosen ?? models[0]?.id ?? null;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!file || target === null) return;
    const form = new FormData();
    form.set("file", file);
    for (const { name } of OPTIONS) {
      const value = options[name]?.trim();
      if (value) form.set(name, value);
    }
    setBusy(true);
    setProblem(null);
    try {
      const imported = await api.runs.import(target, form);
      void queries.invalidateQueries({ queryKey: ["models"] });
      await queries.invalidateQueries({ queryKey: ["runs", target] });
      setResult(imported);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const openRun = (run: Run): void => {
    go({ run: run.id, session: null, tab: "chat" });
    onClose();
  };

  let body;
  if (result) {
    body = <ImportResult {...result} onOpen={() => openRun(result.run)} onMore={() => setResult(null)} />;
  } else if (!loading && !models.length) {
    body = (
      <EmptyState title="A run belongs to a model">
        <Button
          className="mt-1"
          onClick={() => {
            onClose();
            createModel();
          }}
        >
          Create a model first
        </Button>
      </EmptyState>
    );
  } else {
    body = (
      <form onSubmit={(event) => void submit(event)} className="space-y-4">
        <Field label="Model">
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
        <FileDrop file={file} onFile={setFile} />
        <details className="text-[13px]">
          <summary className="text-xs text-ink-2 hover:text-ink">Options, where the file does not say</summary>
          <div className="mt-2 grid gap-3 sm:grid-cols-2">
            {OPTIONS.map(({ name, label, placeholder }) => (
              <Field key={name} label={label}>
                {(ids) => (
                  <Input
                    {...ids}
                    data-testid={`import-${name}`}
                    placeholder={placeholder}
                    inputMode={name === "initial_cash" ? "decimal" : undefined}
                    value={options[name] ?? ""}
                    onChange={(event) => setOptions((before) => ({ ...before, [name]: event.target.value }))}
                  />
                )}
              </Field>
            ))}
          </div>
        </details>
        {problem ? <ProblemNote error={problem} /> : null}
        <div className="flex justify-end gap-2">
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="primary"
            data-testid="import-submit"
            disabled={busy || !file || target === null}
          >
            {busy ? <Spinner className="text-white" /> : null} {busy ? "Importing" : "Import"}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Import a run"
      description="AI-Trader position.jsonl, freqtrade JSON or ZIP, or a CSV of fills or round trips. The format is recognised."
      testId="import-dialog"
    >
      {body}
    </Dialog>
  );
}
