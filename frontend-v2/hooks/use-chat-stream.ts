import { useCallback, useEffect, useRef, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { createBatcher } from "@/lib/batcher";
import type { ChatEvent } from "@/lib/chat-events";
import { chatReducer, EMPTY_ANSWER, isLive, type Answer, type ChatFailure, type LocalEvent } from "@/lib/chat-reducer";
import { failureOf } from "@/lib/failures";
import { newRequestId } from "@/lib/request-id";
import type { Placement } from "@/lib/turns";

export interface ChatStreamOptions {
  modelId: number;
  runId: number;
  /** The answer is whole and saved; or it was stopped from elsewhere. */
  onComplete?: (answer: Answer) => void;
  /** The answer failed; what had come of it is in `answer`. */
  onError?: (failure: ChatFailure, answer: Answer) => void;
}

export interface SendOptions {
  sessionId: number | null;
  requestId?: string;
  place?: Placement;
}

export interface ChatStream {
  answer: Answer;
  /** Asks; returns the request id. Refused (null) while an answer is still coming. */
  send: (message: string, options: SendOptions) => string | null;
  /** Stops the answer that is coming; returns it as far as it came. Had it been saved already, `onComplete` follows. */
  stop: () => Answer | null;
}

/** What reads a stream comes with the first question, or when one begins to write it. */
const loadReader = () => import("@/lib/resumable-stream");

/** Fetches ahead what shows an answer; what fails here is tried again, and told, when there is one. */
export function prepareAnswer(): void {
  void Promise.allSettled([import("@/components/chat/message-assistant"), import("@/components/markdown-renderer")]);
}

/** Fetches ahead what an answer needs that is to come. */
export function prepareStream(): void {
  void Promise.allSettled([loadReader(), import("@/components/chat/unfinished-note")]);
  prepareAnswer();
}

interface Flight {
  requestId: string;
  controller: AbortController;
  answer: Answer;
}

/** One streamed answer at a time: asks, reduces events to an `Answer` once per frame, and stops. */
export function useChatStream({ modelId, runId, onComplete, onError }: ChatStreamOptions): ChatStream {
  const api = useApi();
  const [answer, setAnswer] = useState<Answer>(EMPTY_ANSWER);
  const flight = useRef<Flight | null>(null);
  const handlers = useRef({ onComplete, onError });

  useEffect(() => {
    handlers.current = { onComplete, onError };
  }, [onComplete, onError]);

  // The server waits for a line that broke, so whoever leaves, the conversation or the page, has to say so.
  useEffect(() => {
    const leave = (): void => {
      const mine = flight.current;
      if (!mine) return;
      mine.controller.abort();
      api.chat.stop(modelId, runId, mine.requestId).catch(() => undefined);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [api, modelId, runId]);

  const fly = useCallback(
    async (mine: Flight, message: string, { sessionId, place }: SendOptions) => {
      const apply = (events: (ChatEvent | LocalEvent)[]): void => {
        mine.answer = events.reduce(chatReducer, mine.answer);
        if (flight.current === mine) setAnswer(mine.answer);
      };
      const batch = createBatcher<ChatEvent>(apply);
      const { signal } = mine.controller;
      try {
        const body = { ...place, message, session_id: sessionId, request_id: mine.requestId };
        const connect = (after: string | null) => api.chat.stream(modelId, runId, body, signal, after);
        const { resumableEvents } = await loadReader();
        for await (const event of resumableEvents(connect, { signal })) {
          if (signal.aborted) return;
          batch.push(event);
        }
        batch.flush();
        if (!signal.aborted) apply([{ type: "cut" }]);
      } catch (error) {
        if (signal.aborted) return;
        batch.flush();
        if (isLive(mine.answer)) apply([{ type: "failed", failure: failureOf(error) }]);
      } finally {
        batch.clear();
        if (flight.current === mine) flight.current = null;
      }
      if (signal.aborted) return;
      if (mine.answer.error) handlers.current.onError?.(mine.answer.error, mine.answer);
      else handlers.current.onComplete?.(mine.answer);
    },
    [api, modelId, runId],
  );

  const send = useCallback<ChatStream["send"]>(
    (message, options) => {
      if (flight.current) return null;
      const { sessionId, requestId = newRequestId() } = options;
      const asked = chatReducer(EMPTY_ANSWER, { type: "asked", request_id: requestId, session_id: sessionId });
      const mine: Flight = { requestId, controller: new AbortController(), answer: asked };
      flight.current = mine;
      setAnswer(asked);
      void fly(mine, message, options);
      return requestId;
    },
    [fly],
  );

  const stop = useCallback<ChatStream["stop"]>(() => {
    const mine = flight.current;
    if (!mine) return null;
    flight.current = null;
    // The line stays open until the server has answered: a stop that met the saving came too late, and then the rest
    // of the answer, and where it was saved, is still to come.
    api.chat
      .stop(modelId, runId, mine.requestId)
      .then(({ saved }) => {
        if (!saved) mine.controller.abort();
      })
      .catch(() => mine.controller.abort());
    const stopped = chatReducer(mine.answer, { type: "stopped", request_id: mine.requestId });
    setAnswer(stopped);
    return stopped;
  }, [api, modelId, runId]);

  return { answer, send, stop };
}
