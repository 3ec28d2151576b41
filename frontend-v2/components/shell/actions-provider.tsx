"use client";

import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { ImportDialog } from "@/components/runs/import-dialog";
import { TradesPanel } from "@/components/runs/trades-panel";
import { ModelDialog } from "@/components/models/model-dialog";
import type { Run } from "@/lib/types";

export interface Evidence {
  run: Run;
  ids: readonly number[];
  title: string;
}

export interface Actions {
  createModel: () => void;
  editModel: (modelId: number) => void;
  importRun: (modelId?: number) => void;
  showTrades: (evidence: Evidence) => void;
}

const ActionsContext = createContext<Actions | null>(null);

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error("useActions needs an ActionsProvider above it");
  return actions;
}

/** Opens, from anywhere, the dialogs and the evidence panel that belong to the whole page. */
export function ActionsProvider({ children }: { children: ReactNode }) {
  const [model, setModel] = useState<number | "new" | null>(null);
  const [importInto, setImportInto] = useState<number | "any" | null>(null);
  const [evidence, setEvidence] = useState<Evidence | null>(null);
  const actions = useMemo<Actions>(
    () => ({
      createModel: () => setModel("new"),
      editModel: setModel,
      importRun: (modelId) => setImportInto(modelId ?? "any"),
      showTrades: setEvidence,
    }),
    [],
  );
  return (
    <ActionsContext.Provider value={actions}>
      {children}
      {model !== null ? (
        <ModelDialog key={model} modelId={model === "new" ? null : model} onClose={() => setModel(null)} />
      ) : null}
      {importInto !== null ? (
        <ImportDialog modelId={importInto === "any" ? null : importInto} onClose={() => setImportInto(null)} />
      ) : null}
      {evidence ? <TradesPanel evidence={evidence} onClose={() => setEvidence(null)} /> : null}
    </ActionsContext.Provider>
  );
}
