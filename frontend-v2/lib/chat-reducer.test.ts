import { describe, expect, it } from "vitest";
import type { ChatEvent } from "./chat-events";
import { answerFromMessage, chatReducer, EMPTY_ANSWER, type Answer, type LocalEvent } from "./chat-reducer";
import type { ChatMessage } from "./types";

const asked: LocalEvent = { type: "asked", request_id: "r1", session_id: 4 };
const token = (content: string): ChatEvent => ({ type: "token", content });
const tool = (id: string): ChatEvent => ({ type: "tool", tool: "analyze_trades", id, args: { filter_type: "all" } });
const result = (id: string, ok = true): ChatEvent => ({
  type: "tool_result",
  tool: "analyze_trades",
  id,
  ok,
  duration_ms: 5,
  summary: "s",
  data: {},
});
const done: ChatEvent = { type: "done", session_id: 4, message_id: 8, user_message_id: 7 };
const stopped: LocalEvent = { type: "stopped", request_id: "r1" };
const run = (...events: (ChatEvent | LocalEvent)[]): Answer => events.reduce(chatReducer, EMPTY_ANSWER);

describe("chatReducer", () => {
  it("a token, a tool and done alone make an answer", () => {
    const answer = run(asked, tool("a"), token("Hel"), token("lo"), done);
    expect(answer).toMatchObject({ status: "done", content: "Hello", saved: { message_id: 8 } });
    expect(answer.tools[0]?.state).toBe("failed");
  });

  it("a tool announced twice is one call, and its result finds it", () => {
    const answer = run(asked, tool("a"), tool("a"), result("a"));
    expect(answer.tools).toHaveLength(1);
    expect(answer.tools[0]).toMatchObject({ state: "done", durationMs: 5, args: { filter_type: "all" } });
  });

  it("an id used again in a later round is another call", () => {
    const answer = run(asked, tool("a"), result("a"), tool("a"), result("a", false), tool("a"));
    expect(answer.tools.map((call) => call.state)).toEqual(["done", "failed", "running"]);
  });

  it("calls without an id, side by side, each get a result", () => {
    const other: ChatEvent = { type: "tool", tool: "analyze_trades", id: "", args: { filter_type: "worst" } };
    const answer = run(asked, tool(""), other, result(""), result("", false));
    expect(answer.tools.map((call) => [call.args.filter_type, call.state])).toEqual([
      ["all", "done"],
      ["worst", "failed"],
    ]);
  });

  it("a result that was never announced is still shown", () => {
    expect(run(asked, result("z", false)).tools).toMatchObject([{ id: "z", state: "failed" }]);
  });

  it("stopping keeps the text and cancels what runs", () => {
    const answer = run(asked, token("part"), tool("a"), stopped);
    expect(answer).toMatchObject({ status: "stopped", content: "part", saved: null, error: null });
    expect(answer.tools[0]?.state).toBe("cancelled");
  });

  it.each<[string, (ChatEvent | LocalEvent)[]]>([
    ["stopped", [asked, token("a"), stopped]],
    ["done", [asked, token("a"), done]],
    ["error", [asked, token("a"), { type: "cut" }]],
  ])("after %s the wire changes nothing", (status, events) => {
    const ended = run(...events);
    expect(ended.status).toBe(status);
    expect([token("late"), done, tool("b")].reduce<Answer>(chatReducer, ended)).toBe(ended);
  });

  it("a stream that ends without done or error is an error that can be tried again", () => {
    const answer = run(asked, token("half"), { type: "cut" });
    expect(answer).toMatchObject({
      status: "error",
      content: "half",
      error: { code: "connection_lost", retryable: true },
    });
  });

  it("an ended answer is not cut", () => {
    expect(run(asked, done, { type: "cut" }).status).toBe("done");
  });

  it("an error closes open tools and keeps the id under which saving can be tried again", () => {
    const error: ChatEvent = {
      type: "error",
      code: "save_failed",
      message: "m",
      retryable: true,
      retry_after: null,
      request_id: "r1",
    };
    const answer = run(asked, tool("a"), token("t"), error);
    expect(answer.tools[0]?.state).toBe("failed");
    expect(answer.error).toMatchObject({ code: "save_failed", requestId: "r1" });
  });

  it("keeping a stopped answer leaves it stopped, and saved", () => {
    const saved = { session_id: 4, message_id: 8, user_message_id: 7 };
    expect(run(asked, token("a"), stopped, { type: "kept", saved })).toMatchObject({
      status: "stopped",
      kept: true,
      saved,
    });
  });

  it("the client's own request id stands", () => {
    const start: ChatEvent = {
      type: "start",
      request_id: "other",
      session_id: null,
      subject: { kind: "run", id: 1 },
      model: "m",
    };
    expect(run(asked, start)).toMatchObject({ requestId: "r1", model: "m", status: "waiting" });
  });
});

describe("answerFromMessage", () => {
  const message: ChatMessage = {
    id: 9,
    role: "assistant",
    content: "text",
    tool_calls: ["calculate_metrics"],
    tool_results: [],
    checks: [],
    usage: null,
    stopped: true,
    request_id: null,
    timestamp: "",
  };

  it("a kept answer reads as stopped and kept, with the tools it named", () => {
    expect(answerFromMessage(message, 3)).toMatchObject({
      status: "stopped",
      kept: true,
      tools: [{ tool: "calculate_metrics", state: "cancelled" }],
    });
  });
});

describe("what an answer gathers", () => {
  const step = (id: string, state: string): ChatEvent => ({
    type: "step",
    step: { id, name: "read", state, started_at: null },
  });
  const artifact = (kind: string, id: string, version: number): ChatEvent => ({
    type: "artifact",
    artifact: { kind, id, version, data: { rows: [] } },
  });

  it("a step's newer state stands in the place of the older, others behind it", () => {
    const answer = run(asked, step("a", "running"), step("b", "running"), step("a", "done"));
    expect(answer.steps.map(({ id, state }) => [id, state])).toEqual([
      ["a", "done"],
      ["b", "running"],
    ]);
    expect(answer.status).toBe("streaming");
  });

  it("an artifact is known by its kind and id", () => {
    const answer = run(asked, artifact("table", "1", 1), artifact("chart", "1", 1), artifact("table", "1", 2));
    expect(answer.artifacts.map(({ kind, version }) => [kind, version])).toEqual([
      ["table", 2],
      ["chart", 1],
    ]);
  });
});

it("a saved answer's figures are looked at before they are believed", () => {
  const checks = [
    { text: "1", start: 0, end: 1, status: "from a later contract" },
    { text: "2", start: 9, end: 3, status: "verified" },
  ];
  const message = { id: 1, role: "assistant", content: "1", checks, stopped: false } as unknown as ChatMessage;
  expect(answerFromMessage(message, 4).figures).toEqual([
    { text: "1", start: 0, end: 1, status: "unverified", source: null },
  ]);
});
