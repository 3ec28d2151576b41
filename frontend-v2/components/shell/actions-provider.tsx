import { useMemo, useState, type ReactNode } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { ActionsContext, type Actions, type Evidence } from "@/hooks/use-actions";
import type { Run } from "@/lib/types";

// Loaded when first opened: most visits open none of them.
const ImportDialog = onDemand(() => import("@/components/runs/import-dialog").then((module) => module.ImportDialog));
const TradesPanel = onDemand(() => import("@/components/runs/trades-panel").then((module) => module.TradesPanel));
const ModelDialog = onDemand(() => import("@/components/models/model-dialog").then((module) => module.ModelDialog));
const HistoryPanel = onDemand(() => import("@/components/history/history-panel").then((module) => module.HistoryPanel));
const KeysDialog = onDemand(() => import("./keys-dialog").then((module) => module.KeysDialog));

/** Draws the dialogs and the evidence panel that belong to the whole page, and hands on how to open them. */
export function ActionsProvider({ children, onMenu }: { children: ReactNode; onMenu: () => void }) {
  const [model, setModel] = useState<number | "new" | null>(null);
  const [importInto, setImportInto] = useState<{ model: number | null; file: File | null } | null>(null);
  const [history, setHistory] = useState<{ run: Run | null } | null>(null);
  const [keys, setKeys] = useState(false);
  const [evidence, setEvidence] = useState<Evidence | null>(null);
  const actions = useMemo<Actions>(
    () => ({
      createModel: () => setModel("new"),
      editModel: setModel,
      importRun: (modelId, file) => setImportInto({ model: modelId ?? null, file: file ?? null }),
      showHistory: (run) => setHistory({ run }),
      showKeys: () => setKeys(true),
      showTrades: setEvidence,
      showMenu: onMenu,
    }),
    [onMenu],
  );
  return (
    <ActionsContext.Provider value={actions}>
      {children}
      {model !== null ? (
        <ModelDialog key={model} modelId={model === "new" ? null : model} onClose={() => setModel(null)} />
      ) : null}
      {importInto !== null ? (
        <ImportDialog modelId={importInto.model} file={importInto.file} onClose={() => setImportInto(null)} />
      ) : null}
      {history ? <HistoryPanel run={history.run} onClose={() => setHistory(null)} /> : null}
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
      {evidence ? <TradesPanel evidence={evidence} onClose={() => setEvidence(null)} /> : null}
    </ActionsContext.Provider>
  );
}
