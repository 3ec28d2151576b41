import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { chatReducer, EMPTY_ANSWER, isLive, type Answer } from "@/lib/chat-reducer";
import {
  besideUnsaved,
  hasUnsaved,
  keepKnown,
  placeAfter,
  settled,
  turnsFromHistory,
  UNSAVED,
  versionOf,
  type Turn,
} from "@/lib/turns";
import type { Run, Usage } from "@/lib/types";
import { addUsage } from "@/lib/usage";
import { useChatStream } from "./use-chat-stream";

export interface Conversation {
  turns: Turn[];
  /** What all its answers used, those of older branches too. */
  usage: Usage | null;
  /** The turn that a search led to. */
  sought: string | null;
  live: boolean;
  loading: boolean;
  error: unknown;
  reload: () => void;
  ask: (question: string) => void;
  stop: () => void;
  /** Answers a turn's question once more; what was answered stays, as another version. */
  regenerate: (turn: Turn) => void;
  /** Puts other words in the place of a turn's question; what follows it stays, as another version. */
  edit: (turn: Turn, question: string) => void;
  /** Shows the branch through another version of a message; with null, the one that was not saved. */
  show: (messageId: number | null) => Promise<void>;
  /** Saves a stopped answer as it stands. */
  keep: (turn: Turn) => Promise<void>;
}

/** One conversation about one run: what was saved of it, and what happens now. */
export function useConversation(run: Run): Conversation {
  const api = useApi();
  const queries = useQueryClient();
  const { view, conversation, adoptSession } = useView();
  const [opened] = useState(view.session);
  const [sought] = useState(view.message);
  const [own, setOwn] = useState<Turn[] | null>(null);
  /** The branch with a text that was not saved, while another is shown: it is nowhere else. */
  const [aside, setAside] = useState<Turn[]>([]);
  const [spent, setSpent] = useState<Usage | null>(null);
  const [session, setSession] = useState<number | null>(typeof opened === "number" ? opened : null);

  const history = useQuery({
    queryKey: ["history", run.id, opened, conversation],
    queryFn: () => api.chat.history(run.model_id, run.id, typeof opened === "number" ? opened : null, sought),
    enabled: opened !== "new",
    staleTime: Infinity,
    gcTime: 0,
  });
  // Many messages are drawn in short tasks; that there are none is known at once, since one may ask then.
  const drawn = useDeferredValue(history.data);
  const found = history.data?.messages.length ? drawn : history.data;
  const saved = useMemo(() => (found ? turnsFromHistory(found) : []), [found]);
  const newest = found?.session_id ?? null;
  const sessionId = session ?? newest;
  const known = own ?? saved;
  const change = useCallback((next: (turns: Turn[]) => Turn[]) => setOwn((turns) => next(turns ?? saved)), [saved]);

  useEffect(() => {
    if (newest !== null && opened === null && session === null) adoptSession(newest, conversation);
  }, [newest, opened, session, conversation, adoptSession]);

  const settle = useCallback(
    (answer: Answer) =>
      change((turns) => turns.map((turn) => (turn.key === answer.requestId ? settled(turn, answer) : turn))),
    [change],
  );
  const adopt = useCallback(
    (id: number) => {
      setSession(id);
      adoptSession(id, conversation);
      void queries.invalidateQueries({ queryKey: ["sessions"] });
    },
    [adoptSession, conversation, queries],
  );
  const onComplete = useCallback(
    (answer: Answer) => {
      settle(answer);
      setSpent((usage) => addUsage(usage, answer.usage));
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
  const { answer: current, send, stop: halt } = stream;
  const live = isLive(current);

  const put = useCallback(
    (turn: Omit<Turn, "key" | "answer">, before: Turn[], requestId?: string) => {
      const { question, place } = turn;
      const key = send(question, { sessionId, requestId, place });
      if (key !== null) change(() => [...before, { ...turn, key, answer: EMPTY_ANSWER }]);
    },
    [send, sessionId, change],
  );
  const ask = useCallback(
    (question: string) => put({ question, asked: UNSAVED, answered: UNSAVED, place: placeAfter(known) }, known),
    [put, known],
  );
  const regenerate = useCallback(
    (turn: Turn) => {
      const { before, ...version } = versionOf(known, turn, null);
      put({ question: turn.question, ...version }, before, turn.answer.error?.requestId ?? undefined);
    },
    [put, known],
  );
  const edit = useCallback(
    (turn: Turn, question: string) => {
      const { before, ...version } = versionOf(known, turn, question);
      put({ question, ...version }, before);
    },
    [put, known],
  );
  const show = useCallback(
    async (messageId: number | null) => {
      if (messageId === null) return change(() => aside);
      const branch = await api.chat.history(run.model_id, run.id, sessionId, messageId);
      const left = hasUnsaved(known) ? known : aside;
      setAside(left);
      change((turns) => besideUnsaved(keepKnown(turns, turnsFromHistory(branch)), left));
    },
    [api, run, sessionId, known, aside, change],
  );
  const keep = useCallback(
    async (turn: Turn) => {
      const { content, tools, requestId } = turn.answer;
      const kept = await api.chat.keep(run.model_id, run.id, {
        ...turn.place,
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
  const stop = useCallback(() => {
    const stopped = halt();
    if (stopped) settle(stopped);
  }, [halt, settle]);

  // Only the turn that grows is new: the others keep their identity, and their place on the page.
  const turns = live
    ? known.map((turn) => (turn.key === current.requestId ? { ...turn, answer: current } : turn))
    : known;
  const usage = useMemo(() => addUsage(found?.usage ?? null, spent), [found, spent]);
  const soughtTurn =
    sought === null ? null : turns.find(({ asked, answered }) => [asked.id, answered.id].includes(sought));
  const reload = (): void => void history.refetch();
  return {
    turns,
    usage,
    sought: soughtTurn?.key ?? null,
    live,
    loading: history.isLoading || found !== history.data,
    error: history.error,
    reload,
    ask,
    stop,
    regenerate,
    edit,
    show,
    keep,
  };
}
