import { describe, expect, it } from "vitest";
import { parseChatEvent } from "./chat-events";

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
