import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { onDemand } from "@/components/ui/on-demand";
import type { ToolCall } from "@/lib/chat-reducer";
import type { TradeFilter } from "@/lib/trade-filter";
import type { CheckedFigure, Run } from "@/lib/types";

// Loaded when first opened: most visits open none of them.
const ImportDialog = onDemand(() => import("@/components/runs/import-dialog").then((module) => module.ImportDialog));
const TradesPanel = onDemand(() => import("@/components/runs/trades-panel").then((module) => module.TradesPanel));
const ModelDialog = onDemand(() => import("@/components/models/model-dialog").then((module) => module.ModelDialog));
const HistoryPanel = onDemand(() => import("@/components/history/history-panel").then((module) => module.HistoryPanel));
const KeysDialog = onDemand(() => import("./keys-dialog").then((module) => module.KeysDialog));

export interface Evidence {
  run: Run;
  ids: readonly number[];
  /** Which trades they are in full, where `ids` may be the first of many. */
  where?: TradeFilter | null;
  title: string;
  /** The figure of an answer that they are behind, and the tool results it may rest on. */
  figure?: CheckedFigure;
  tools?: readonly ToolCall[];
}

export interface Actions {
  createModel: () => void;
  editModel: (modelId: number) => void;
  /** `file`: one that was dropped on the page, to be read at once. */
  importRun: (modelId?: number, file?: File) => void;
  /** Conversations of a run, or of all. */
  showHistory: (run: Run | null) => void;
  showKeys: () => void;
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
        <ImportDialog modelId={importInto.model} file={importInto.file} onClose={() => setImportInto(null)} />
      ) : null}
      {history ? <HistoryPanel run={history.run} onClose={() => setHistory(null)} /> : null}
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
      {evidence ? <TradesPanel evidence={evidence} onClose={() => setEvidence(null)} /> : null}
    </ActionsContext.Provider>
  );
}
