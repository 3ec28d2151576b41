import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { toRun } from "@/lib/view";
import { useView } from "./view-provider";

export interface AskOptions {
  /** Sends at once; otherwise the question waits in the composer, to be read and changed first. */
  send?: boolean;
}

/** Puts a question about the open run into the chat, and the cursor behind it. */
export type Ask = (question: string, options?: AskOptions) => void;

export interface AskRequest {
  question: string;
  send: boolean;
}

interface AskControl {
  ask: Ask;
  /** Opens a run with a new conversation, and asks. */
  askRun: (runId: number, question: string) => void;
  waiting: AskRequest | null;
  taken: () => void;
}

const AskContext = createContext<AskControl | null>(null);

function useAskControl(): AskControl {
  const control = useContext(AskContext);
  if (!control) throw new Error("useAsk needs an AskProvider above it");
  return control;
}

/** "Ask about this", from anywhere on a run's page. On a narrow screen the chat comes to the front. */
export const useAsk = (): Ask => useAskControl().ask;

export const useAskRun = (): AskControl["askRun"] => useAskControl().askRun;

/** The chat's end: each question is handed over once, also one that was asked before the chat had loaded. */
export function useAsked(onAsk: (request: AskRequest) => void): void {
  const { waiting, taken } = useAskControl();
  const handler = useRef(onAsk);
  useEffect(() => {
    handler.current = onAsk;
  }, [onAsk]);
  useEffect(() => {
    if (!waiting) return;
    taken();
    handler.current(waiting);
  }, [waiting, taken]);
}

export function AskProvider({ children }: { children: ReactNode }) {
  const { view, go } = useView();
  const [waiting, setWaiting] = useState<AskRequest | null>(null);
  const canAsk = view.subject !== null;
  const hidden = view.tab !== "chat";
  const ask = useCallback<Ask>(
    (question, { send = false } = {}) => {
      if (!canAsk) return;
      setWaiting({ question, send });
      if (hidden) go({ tab: "chat" });
    },
    [canAsk, hidden, go],
  );
  const askRun = useCallback(
    (runId: number, question: string) => {
      setWaiting({ question, send: true });
      go({ ...toRun(runId), session: "new" });
    },
    [go],
  );
  const taken = useCallback(() => setWaiting(null), []);
  const value = useMemo(() => ({ ask, askRun, waiting, taken }), [ask, askRun, waiting, taken]);
  return <AskContext.Provider value={value}>{children}</AskContext.Provider>;
}
