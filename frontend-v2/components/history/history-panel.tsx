"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useDebounced } from "@/hooks/use-debounced";
import { messageOf } from "@/lib/failures";
import type { ChatSession, Run } from "@/lib/types";
import { SessionItem } from "./session-item";

const TYPING_MS = 250;

/** Pinned first, then newest. */
export function orderSessions(sessions: readonly ChatSession[]): ChatSession[] {
  return [...sessions].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated_at.localeCompare(a.updated_at));
}

function useSessions(run: Run, search: string, everywhere: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["sessions", run.id, search, everywhere],
    queryFn: async () =>
      search || everywhere
        ? (await api.chat.search(search, everywhere ? null : run.id)).items
        : api.chat.sessions(run.model_id, run.id),
    select: orderSessions,
    staleTime: 0,
  });
}

/** The run's conversations: open, rename, pin, delete, export; search in this run or in all. */
export function HistoryPanel({ run, onClose }: { run: Run; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const { view, go } = useView();
  const [typed, setTyped] = useState("");
  const [everywhere, setEverywhere] = useState(false);
  const [doomed, setDoomed] = useState<ChatSession | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const sessions = useSessions(run, useDebounced(typed.trim(), TYPING_MS), everywhere);

  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(messageOf(error));
    }
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  const remove = async (session: ChatSession): Promise<void> => {
    await api.chat.removeSession(session.id);
    if (view.session === session.id) go({ session: null });
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <Dialog open onOpenChange={onClose} side="sheet" title="Conversations" testId="history-panel">
      <div className="space-y-3">
        <div className="space-y-2">
          <Input
            type="search"
            aria-label="Search conversations"
            data-testid="session-search"
            placeholder="Search conversations"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <label className="flex items-center gap-2 text-xs text-ink-2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={everywhere}
              onChange={(event) => setEverywhere(event.target.checked)}
            />
            All runs, not only run #{run.run_number}
          </label>
        </div>
        {problem ? <ProblemNote error={new Error(problem)} /> : null}
        {sessions.error ? <ProblemNote error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
        {sessions.isPending ? <Skeleton className="h-32" /> : null}
        {sessions.data && !sessions.data.length ? (
          <EmptyState title={typed ? "Nothing found" : "No conversations yet"}>
            {typed ? "Try another word." : "A conversation is kept here once its first answer is complete."}
          </EmptyState>
        ) : null}
        <ul className="space-y-1.5">
          {sessions.data?.map((session) => (
            <li key={session.id}>
              <SessionItem
                session={session}
                current={view.session === session.id}
                showRun={everywhere}
                onOpen={() => {
                  go({ run: session.run_id, session: session.id, tab: "chat" });
                  onClose();
                }}
                onRename={(title) => attempt(() => api.chat.updateSession(session.id, { session_title: title }))}
                onPin={() => attempt(() => api.chat.updateSession(session.id, { pinned: !session.pinned }))}
                onDelete={() => setDoomed(session)}
                onProblem={setProblem}
              />
            </li>
          ))}
        </ul>
      </div>
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => {
          if (!open) setDoomed(null);
        }}
        title="Delete this conversation?"
        body={`“${doomed?.session_title ?? ""}” and its messages will be gone for good.`}
        action="Delete"
        onConfirm={async () => {
          if (doomed) await remove(doomed);
        }}
      />
    </Dialog>
  );
}
