"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { chatReducer, EMPTY_ANSWER, isLive, type Answer } from "@/lib/chat-reducer";
import { turnsFromHistory, type Turn } from "@/lib/turns";
import type { Run } from "@/lib/types";
import { useChatStream } from "./use-chat-stream";

export interface Conversation {
  turns: Turn[];
  live: boolean;
  loading: boolean;
  error: unknown;
  reload: () => void;
  ask: (question: string) => void;
  stop: () => void;
  /** Puts the question of a stopped or failed turn again, in place of that turn. */
  askAgain: (turn: Turn) => void;
  /** Saves a stopped answer as it stands. */
  keep: (turn: Turn) => Promise<void>;
}

/** One conversation about one run: what was saved of it, and what happens now. */
export function useConversation(run: Run): Conversation {
  const api = useApi();
  const queries = useQueryClient();
  const { view, conversation, adoptSession } = useView();
  const [opened] = useState(view.session);
  const [added, setAdded] = useState<Turn[]>([]);
  const [session, setSession] = useState<number | null>(typeof opened === "number" ? opened : null);

  const history = useQuery({
    queryKey: ["history", run.id, opened, conversation],
    queryFn: () => api.chat.history(run.model_id, run.id, typeof opened === "number" ? opened : null),
    enabled: opened !== "new",
    staleTime: Infinity,
    gcTime: 0,
  });
  const saved = useMemo(() => (history.data ? turnsFromHistory(history.data) : []), [history.data]);
  const newest = history.data?.session_id ?? null;
  const sessionId = session ?? newest;

  useEffect(() => {
    if (newest !== null && opened === null && session === null) adoptSession(newest);
  }, [newest, opened, session, adoptSession]);

  const settle = useCallback((answer: Answer) => {
    setAdded((turns) => turns.map((turn) => (turn.key === answer.requestId ? { ...turn, answer } : turn)));
  }, []);
  const adopt = useCallback(
    (id: number) => {
      setSession(id);
      adoptSession(id);
      void queries.invalidateQueries({ queryKey: ["sessions"] });
    },
    [adoptSession, queries],
  );
  const onComplete = useCallback(
    (answer: Answer) => {
      settle(answer);
      if (answer.saved) adopt(answer.saved.session_id);
    },
    [settle, adopt],
  );
  const stream = useChatStream({
    modelId: run.model_id,
    runId: run.id,
    onComplete,
    onError: (_failure, answer) => settle(answer),
  });
  const { answer: current, send } = stream;
  const live = isLive(current);

  const ask = useCallback(
    (question: string, replaces?: Turn) => {
      const again = replaces?.answer.error?.requestId ?? undefined;
      const key = send(question, { sessionId, requestId: again });
      if (key === null) return;
      setAdded((turns) => [
        ...turns.filter((turn) => turn.key !== replaces?.key && turn.key !== key),
        { key, question, answer: EMPTY_ANSWER },
      ]);
    },
    [send, sessionId],
  );
  const keep = useCallback(
    async (turn: Turn) => {
      const { content, tools, requestId } = turn.answer;
      const kept = await api.chat.keep(run.model_id, run.id, {
        message: turn.question,
        content,
        session_id: sessionId,
        request_id: requestId ?? turn.key,
        tool_calls: tools.map((call) => call.tool),
      });
      settle(chatReducer(turn.answer, { type: "kept", saved: kept }));
      adopt(kept.session_id);
    },
    [api, run, sessionId, settle, adopt],
  );
  const turns = useMemo(
    () => [
      ...saved,
      ...added.map((turn) => (live && turn.key === current.requestId ? { ...turn, answer: current } : turn)),
    ],
    [saved, added, live, current],
  );
  const { stop: halt } = stream;
  const stop = useCallback(() => {
    const stopped = halt();
    if (stopped) settle(stopped);
  }, [halt, settle]);
  const askAgain = useCallback((turn: Turn) => ask(turn.question, turn), [ask]);
  const reload = (): void => void history.refetch();
  return { turns, live, loading: history.isLoading, error: history.error, reload, ask, stop, askAgain, keep };
}
