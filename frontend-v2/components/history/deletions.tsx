import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { messageOf } from "@/lib/failures";
import type { ChatSession } from "@/lib/types";

/** How long a deletion can be taken back. */
export const UNDO_MS = 10_000;

export interface Deletions {
  /** What the reader deleted and could still have back, newest last: hidden everywhere, and still in the database. */
  pending: readonly ChatSession[];
  problem: string | null;
  remove: (session: ChatSession) => void;
  undo: (id: number) => void;
  /** Time stands still while the reader is at the undo button. */
  hold: (held: boolean) => void;
  dismiss: () => void;
}

const DeletionsContext = createContext<Deletions | null>(null);

export function useDeletions(): Deletions {
  const deletions = useContext(DeletionsContext);
  if (!deletions) throw new Error("useDeletions needs a DeletionsProvider above it");
  return deletions;
}

/**
 * Conversations on their way out. A deletion is sent when its time has run out, and not before: a page that is closed
 * meanwhile, or a line that is down, deletes nothing.
 */
export function DeletionsProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const [pending, setPending] = useState<readonly ChatSession[]>([]);
  const [held, hold] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const sending = useRef(new Set<number>());

  const forget = useCallback((id: number) => setPending((list) => list.filter((session) => session.id !== id)), []);
  const remove = useCallback((session: ChatSession) => {
    setProblem(null);
    setPending((list) => [...list.filter(({ id }) => id !== session.id), session]);
  }, []);
  const undo = useCallback(
    (id: number) => {
      if (!sending.current.has(id)) forget(id);
    },
    [forget],
  );

  useEffect(() => {
    if (held || !pending.length) return;
    const timers = pending.map((session) =>
      setTimeout(() => {
        if (sending.current.has(session.id)) return;
        sending.current.add(session.id);
        api.chat
          .removeSession(session.id)
          .catch((error: unknown) => setProblem(`“${session.session_title}” was not deleted. ${messageOf(error)}`))
          .finally(() => {
            sending.current.delete(session.id);
            void queries.invalidateQueries({ queryKey: ["sessions"] }).then(() => forget(session.id));
          });
      }, UNDO_MS),
    );
    return () => timers.forEach(clearTimeout);
  }, [api, queries, forget, pending, held]);

  const value = useMemo<Deletions>(
    () => ({ pending, problem, remove, undo, hold, dismiss: () => setProblem(null) }),
    [pending, problem, remove, undo],
  );
  return <DeletionsContext.Provider value={value}>{children}</DeletionsContext.Provider>;
}
