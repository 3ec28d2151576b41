import { createContext, useContext } from "react";
import type { ToolCall } from "@/lib/chat-reducer";
import type { TradeFilter } from "@/lib/trade-filter";
import type { CheckedFigure, Run } from "@/lib/types";

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
  /** The sidebar as a drawer, on a narrow screen. */
  showMenu: () => void;
  showTrades: (evidence: Evidence) => void;
}

export const ActionsContext = createContext<Actions | null>(null);

/** The dialogs and the evidence panel of the whole page, to be opened from anywhere. */
export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error("useActions needs an ActionsProvider above it");
  return actions;
}
