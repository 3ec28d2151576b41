import { describe, expect, it, vi } from "vitest";
import { parseChatEvent, type ChatEvent } from "./chat-events";

const parse = (value: unknown) => parseChatEvent(JSON.stringify(value));

describe("parseChatEvent", () => {
  it.each([
    "",
    "{",
    "null",
    "[]",
    "3",
    '"x"',
    "{}",
    '{"type":"later"}',
    '{"type":"token"}',
    '{"type":"token","content":3}',
  ])("malformed or unknown %s gives null", (data) => expect(parseChatEvent(data)).toBeNull());

  it.each([
    { type: "tool", tool: "x" },
    { type: "tool_result", id: "1" },
    { type: "check", figures: "many" },
    { type: "suggestions", questions: null },
    { type: "done", session_id: 1, message_id: null, user_message_id: 2 },
  ])("an event without what it needs gives null: $type", (value) => expect(parse(value)).toBeNull());

  it("an unknown error code is kept, and missing fields have safe values", () => {
    expect(parse({ type: "error", code: "brand_new" })).toEqual({
      type: "error",
      code: "brand_new",
      message: "The answer could not be completed.",
      retryable: false,
      retry_after: null,
      request_id: null,
    });
  });

  it("figures that make no sense are left out; an unknown status reads as unverified", () => {
    const figures = [
      { text: "1", start: 0, end: 1, status: "certain" },
      { text: "2", start: 5, end: 5, status: "verified" },
      { text: 3, start: 0, end: 1, status: "verified" },
      null,
    ];
    expect(parse({ type: "check", figures })).toEqual({
      type: "check",
      figures: [{ text: "1", start: 0, end: 1, status: "unverified", source: null }],
    });
  });

  it("questions that are not text are left out", () => {
    expect(parse({ type: "suggestions", questions: ["a", 2, null, "b"] })).toEqual({
      type: "suggestions",
      questions: ["a", "b"],
    });
  });
});

/** One of each event as it is on the wire; a type that is missing here does not compile. */
const SAMPLES = {
  start: { request_id: "r", session_id: null, run_id: 5, model: "m" },
  token: { content: "a" },
  reasoning: { content: "a" },
  tool: { tool: "t", id: "1", args: {} },
  tool_result: { tool: "t", id: "1", ok: true, duration_ms: 1, summary: "", data: {} },
  route: { query_type: "performance", confidence: 0.8, role: "analyst", model: "m", reasoning: "", keywords: ["fees"] },
  step: { id: 1, name: "read", state: "running", started_at: "2026-01-01T00:00:00Z" },
  source: { id: "s", title: "News", url: "https://example.com/a", host: "example.com" },
  artifact: { kind: "table", id: "t", version: 2, data: { rows: [] } },
  check: { figures: [] },
  usage: { prompt_tokens: 1, completion_tokens: 2 },
  suggestions: { questions: [] },
  error: { code: "internal", message: "m", retryable: false },
  stopped: { request_id: "r" },
  done: { session_id: 1, message_id: 2, user_message_id: 3 },
} satisfies Record<ChatEvent["type"], Record<string, unknown>>;

it.each(Object.entries(SAMPLES))("%s is read", (type, fields) => {
  expect(parse({ type, ...fields })).toMatchObject({ type });
});

it("a run's conversation has its subject, from before there were subjects too", () => {
  const subject = (more: object) => parse({ type: "start", ...SAMPLES.start, ...more });
  expect(subject({})).toMatchObject({ subject: { kind: "run", id: 5 } });
  expect(subject({ run_id: null, subject: { kind: "desk", id: null } })).toMatchObject({
    subject: { kind: "desk", id: null },
  });
});

it.each(["javascript:alert(1)", "data:text/html,x", "/etc/passwd", ""])("a source at %j is left out", (url) =>
  expect(parse({ type: "source", ...SAMPLES.source, url })).toBeNull(),
);

it("of a type that is not known the console is told once", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  for (const type of ["hologram", "hologram", "smell"]) parse({ type });
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});

it("why a figure is doubted, and whose number it is, comes with it", () => {
  const figure = {
    text: "57 %",
    start: 0,
    end: 4,
    status: "unverified",
    why: "label_mismatch",
    belongs_to: "of shorts",
  };
  expect(parse({ type: "check", figures: [figure, { ...figure, status: "found", why: 3 }] })).toMatchObject({
    figures: [figure, { status: "found" }],
  });
});
