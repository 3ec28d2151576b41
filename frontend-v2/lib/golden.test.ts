import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseChatEvent } from "./chat-events";
import { chatReducer, EMPTY_ANSWER, type Answer } from "./chat-reducer";
import { readChatEvents } from "./chat-stream";
import { createSseDecoder } from "./sse-decoder";

const FOLDER = join(__dirname, "../../tests/data/streams");
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".sse"))
  .map((file) => file.replace(/\.sse$/, ""));

interface Expected {
  content: string;
  reasoning: string;
  tool_calls: string[];
  tool_results: { tool: string; id: string; ok: boolean }[];
  figures: { text: string; status: string }[];
  usage: Record<string, number | null> | null;
  questions: string[];
  error: { code: string; retryable: boolean } | null;
  done: Record<string, number> | null;
  ended: "done" | "error" | "cut";
}

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, `${name}.sse`)));
const expected = (name: string): Expected =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), "utf8")) as Expected;

const asked = chatReducer(EMPTY_ANSWER, { type: "asked", request_id: "mine", session_id: null });

function replay(chunks: Uint8Array[]): Answer {
  const decoder = createSseDecoder();
  const frames = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
  const events = frames.map((frame) => parseChatEvent(frame.data)).filter((event) => event !== null);
  return chatReducer(events.reduce(chatReducer, asked), { type: "cut" });
}

function summary(answer: Answer): Expected {
  const cut = answer.error?.code === "connection_lost";
  return {
    content: answer.content,
    reasoning: answer.reasoning,
    tool_calls: answer.tools.map((call) => call.tool),
    // In the order of the results on the wire, which the file keeps too.
    tool_results: answer.tools
      .filter((call) => call.durationMs !== null)
      .map(({ tool, id, state }) => ({ tool, id, ok: state === "done" })),
    figures: (answer.figures ?? []).map(({ text, status }) => ({ text, status })),
    usage: answer.usage ? { ...answer.usage } : null,
    questions: answer.questions,
    error: answer.error && !cut ? { code: answer.error.code, retryable: answer.error.retryable } : null,
    done: answer.saved ? { ...answer.saved } : null,
    ended: answer.status === "done" ? "done" : cut ? "cut" : "error",
  };
}

const byId = (results: Expected["tool_results"]) => [...results].sort((a, b) => a.id.localeCompare(b.id));
const sorted = (value: Expected): Expected => ({ ...value, tool_results: byId(value.tool_results) });

describe("golden transcripts", () => {
  it("are there", () => expect(NAMES.length).toBeGreaterThan(4));

  it.each(NAMES)("%s in one piece gives what is expected", (name) => {
    expect(sorted(summary(replay([read(name)])))).toEqual(sorted(expected(name)));
  });

  it.each(NAMES)("%s cut in two at every byte gives the same", (name) => {
    const bytes = read(name);
    const whole = JSON.stringify(replay([bytes]));
    for (let at = 1; at < bytes.length; at++) {
      if (JSON.stringify(replay([bytes.subarray(0, at), bytes.subarray(at)])) !== whole)
        throw new Error(`${name} differs when cut at byte ${at}`);
    }
  });

  it.each(NAMES)("%s byte by byte gives the same", (name) => {
    const bytes = read(name);
    const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    expect(replay(single)).toEqual(replay([bytes]));
  });

  it.each(NAMES)("the figures of %s stand at their offsets", (name) => {
    const answer = replay([read(name)]);
    for (const figure of answer.figures ?? []) expect(answer.content.slice(figure.start, figure.end)).toBe(figure.text);
  });

  it("through a body, a stream yields its events and then ends", async () => {
    const bytes = read("tools");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 1000));
        controller.enqueue(bytes.slice(1000));
        controller.close();
      },
    });
    const events = [];
    for await (const { event } of readChatEvents(body)) events.push(event);
    expect(events[0]?.type).toBe("start");
    expect(events.at(-1)?.type).toBe("done");
    expect(sorted(summary(events.reduce(chatReducer, asked)))).toEqual(sorted(expected("tools")));
  });
});
