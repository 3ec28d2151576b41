import type { ChatEvent } from "./chat-events";
import { readChatEvents } from "./chat-stream";

/** The server keeps an answer this long for a reader whose line broke. */
const RESUME_MS = 30_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;
const LAST: ReadonlySet<ChatEvent["type"]> = new Set(["done", "error", "stopped"]);

export interface ResumableOptions {
  signal: AbortSignal;
  /** Waits; replaced in tests. */
  pause?: (ms: number) => Promise<void>;
  now?: () => number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether trying again may help: the line is the trouble, and not an answer of the server's. */
const isLineTrouble = (error: unknown): boolean =>
  error instanceof TypeError || (error as { status?: number } | null)?.status === 0;

/**
 * The events of one answer over as many connections as it takes. `connect` opens one, after the event named; a line
 * that breaks before the last event is opened again for 30 s. Ends without a last event when that did not help.
 */
export async function* resumableEvents(
  connect: (lastEventId: string | null) => Promise<Response>,
  { signal, pause = sleep, now = Date.now }: ResumableOptions,
): AsyncGenerator<ChatEvent> {
  let lastEventId: string | null = null;
  let lostAt: number | null = null;
  let wait = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const { body } = await connect(lastEventId);
      if (!body) throw new TypeError("The stream has no body");
      for await (const { id, event } of readChatEvents(body)) {
        lastEventId = id ?? lastEventId;
        lostAt = null;
        wait = FIRST_PAUSE_MS;
        yield event;
        if (LAST.has(event.type)) return;
      }
    } catch (error) {
      // Before the first event there is nothing to resume; and what the server refuses stays refused.
      if (signal.aborted || lastEventId === null || !isLineTrouble(error)) throw error;
    }
    if (signal.aborted || lastEventId === null) return;
    lostAt ??= now();
    if (now() - lostAt > RESUME_MS) return;
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}
