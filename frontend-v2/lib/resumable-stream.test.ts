import { describe, expect, it } from "vitest";
import { ApiError } from "./api";
import { resumableEvents } from "./resumable-stream";

const frame = (id: number, event: object): string => `event: message\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
const token = (id: number): string => frame(id, { type: "token", content: `w${id} ` });
const DONE = { type: "done", session_id: 1, message_id: 3, user_message_id: 2 };

/** A body that sends `text`, then ends or breaks. */
function body(text: string, breaks = false): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (!breaks) controller.close();
    },
    pull(controller) {
      if (breaks) controller.error(new TypeError("network error"));
    },
  });
  return new Response(stream);
}

async function collect(answers: (Response | Error)[], clock: () => number = () => 0) {
  const asked: (string | null)[] = [];
  const pauses: number[] = [];
  const events: string[] = [];
  let failed: unknown = null;
  try {
    const stream = resumableEvents(
      async (lastEventId) => {
        asked.push(lastEventId);
        const answer = answers.shift() ?? new ApiError(0, "network", "down");
        if (answer instanceof Error) throw answer;
        return answer;
      },
      { signal: new AbortController().signal, pause: async (ms) => void pauses.push(ms), now: clock },
    );
    for await (const event of stream) events.push(event.type === "token" ? event.content.trim() : event.type);
  } catch (error) {
    failed = error;
  }
  return { asked, pauses, events, failed };
}

describe("resumableEvents", () => {
  it("a whole answer takes one connection", async () => {
    const seen = await collect([body(token(1) + token(2) + frame(3, DONE))]);
    expect(seen).toMatchObject({ asked: [null], events: ["w1", "w2", "done"], failed: null });
  });

  it.each([true, false])("a line that %s breaks goes on after the last event", async (breaks) => {
    const seen = await collect([body(token(1) + token(2), breaks), body(token(3) + frame(4, DONE))]);
    expect(seen).toMatchObject({ asked: [null, "2"], events: ["w1", "w2", "w3", "done"], failed: null });
  });

  it("a server that is away for a while is asked again, ever more slowly", async () => {
    const away = new ApiError(0, "network", "down");
    const seen = await collect([body(token(1)), away, away, body(frame(2, DONE))]);
    expect(seen).toMatchObject({ asked: [null, "1", "1", "1"], pauses: [250, 500, 1000], events: ["w1", "done"] });
  });

  it("gives up after 30 s without a word", async () => {
    let time = 0;
    const seen = await collect([body(token(1))], () => (time += 7_000));
    expect(seen.events).toEqual(["w1"]);
    expect(seen.failed).toBeNull();
    expect(seen.asked.length).toBeLessThan(8);
  });

  it("does not ask again before the first event, or when the server refuses", async () => {
    const down = new ApiError(0, "network", "down");
    expect(await collect([down])).toMatchObject({ asked: [null], failed: down });
    const lost = new ApiError(409, "stream_lost", "gone");
    expect(await collect([body(token(1)), lost])).toMatchObject({ asked: [null, "1"], failed: lost });
  });

  it("does not ask again after an error event", async () => {
    const error = frame(2, { type: "error", code: "rate_limited", message: "slow down", retryable: true });
    expect(await collect([body(token(1) + error)])).toMatchObject({ asked: [null], events: ["w1", "error"] });
  });
});
