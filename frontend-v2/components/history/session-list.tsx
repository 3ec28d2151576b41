import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { messageOf } from "@/lib/failures";
import { plural } from "@/lib/format";
import { latestFirst } from "@/lib/order";
import type { ChatSession } from "@/lib/types";
import { toRun } from "@/lib/view";
import { useDeletions } from "./deletions";
import { SessionItem } from "./session-item";
import { ShareDialog } from "./share-dialog";

/** Pinned first, then newest. */
export function orderSessions(sessions: readonly ChatSession[]): ChatSession[] {
  return [...sessions].sort((a, b) => Number(b.pinned) - Number(a.pinned) || latestFirst(a.updated_at, b.updated_at));
}

export interface SessionListProps {
  /** Words to look for in titles and messages; empty lists all. */
  search: string;
  /** Only of this run; null is all runs. */
  runId: number | null;
  onOpened?: () => void;
}

/** Conversations: open, rename, pin, share, export, delete. */
export function SessionList({ search, runId, onOpened }: SessionListProps) {
  const api = useApi();
  const queries = useQueryClient();
  const { view, go } = useView();
  const deletions = useDeletions();
  const [shared, setShared] = useState<ChatSession | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const sessions = useInfiniteQuery({
    queryKey: ["sessions", runId, search],
    queryFn: ({ pageParam }) => api.chat.search(search, runId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    select: ({ pages }) => orderSessions(pages.flatMap(({ items }) => items)),
    staleTime: 0,
    placeholderData: (before) => before,
  });

  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(messageOf(error));
    }
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  const gone = new Set(deletions.pending.map(({ id }) => id));
  const shown = sessions.data?.filter(({ id }) => !gone.has(id));
  return (
    <div className="space-y-2">
      {problem ? <ProblemNote error={new Error(problem)} /> : null}
      {sessions.error ? <ProblemNote error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
      {sessions.isPending ? <Skeleton className="h-32" /> : null}
      {search && shown ? (
        <p role="status" className="text-2xs text-ink-3">
          {plural(shown.length, "conversation")}
          {sessions.hasNextPage ? " and more" : ""} found
        </p>
      ) : null}
      {shown && !shown.length ? (
        <EmptyState title={search ? "Nothing found" : "No conversations yet"}>
          {search
            ? "All words have to stand in one message or in the title. Try fewer."
            : "A conversation is kept here once its first answer is complete."}
        </EmptyState>
      ) : null}
      <ul className="space-y-1.5">
        {shown?.map((session) => (
          <li key={session.id}>
            <SessionItem
              session={session}
              current={view.session === session.id}
              showRun={runId === null}
              search={search}
              onOpen={() => {
                go({
                  ...toRun(session.run_id),
                  session: session.id,
                  message: session.found_message_id ?? null,
                });
                onOpened?.();
              }}
              onRename={(title) => attempt(() => api.chat.updateSession(session.id, { session_title: title }))}
              onPin={() => attempt(() => api.chat.updateSession(session.id, { pinned: !session.pinned }))}
              onShare={() => setShared(session)}
              onDelete={() => {
                deletions.remove(session);
                if (view.session === session.id) go({ session: "new" });
              }}
              onProblem={setProblem}
            />
          </li>
        ))}
      </ul>
      {sessions.hasNextPage ? (
        <Button
          size="sm"
          className="w-full"
          disabled={sessions.isFetchingNextPage}
          onClick={() => void sessions.fetchNextPage()}
        >
          Show more
        </Button>
      ) : null}
      {shared ? <ShareDialog session={shared} onClose={() => setShared(null)} /> : null}
    </div>
  );
}
