import { assertNever } from "./assert-never";
import type { ChatEvent } from "./chat-events";
import { toFigure } from "./figure-status";
import type { Artifact, ChatMessage, CheckedFigure, Route, SavedTurn, Source, Step, Usage } from "./types";

export interface ToolCall {
  tool: string;
  id: string;
  args: Record<string, unknown>;
  state: "running" | "done" | "failed" | "cancelled";
  durationMs: number | null;
  summary: string;
  data: Record<string, unknown> | null;
}

export interface ChatFailure {
  code: string;
  message: string;
  retryable: boolean;
  retryAfter: number | null;
  /** With `save_failed`: asking again under this id saves the text that was already paid for. */
  requestId: string | null;
}

export type AnswerStatus = "idle" | "waiting" | "streaming" | "done" | "stopped" | "error";

/** All that is known of one answer, streamed or read back from history. */
export interface Answer {
  status: AnswerStatus;
  requestId: string | null;
  sessionId: number | null;
  model: string | null;
  content: string;
  reasoning: string;
  tools: ToolCall[];
  route: Route | null;
  steps: Step[];
  sources: Source[];
  artifacts: Artifact[];
  figures: CheckedFigure[] | null;
  usage: Usage | null;
  questions: string[];
  error: ChatFailure | null;
  saved: SavedTurn | null;
  /** Kept by the reader after a stop. */
  kept: boolean;
}

/** What happens to an answer besides what the wire says. */
export type LocalEvent =
  | { type: "asked"; request_id: string; session_id: number | null }
  | { type: "stopped"; request_id: string }
  | { type: "cut" }
  | { type: "failed"; failure: ChatFailure }
  | { type: "kept"; saved: SavedTurn };

export const EMPTY_ANSWER: Answer = {
  status: "idle",
  requestId: null,
  sessionId: null,
  model: null,
  content: "",
  reasoning: "",
  tools: [],
  route: null,
  steps: [],
  sources: [],
  artifacts: [],
  figures: null,
  usage: null,
  questions: [],
  error: null,
  saved: null,
  kept: false,
};

export const isLive = (answer: Answer): boolean => answer.status === "waiting" || answer.status === "streaming";

const CUT: ChatFailure = {
  code: "connection_lost",
  message: "The connection was lost before the answer was complete. Nothing was saved.",
  retryable: true,
  retryAfter: null,
  requestId: null,
};

/** Tools still running when an answer ends are closed: nothing spins for ever. */
function closeTools(tools: ToolCall[], state: "failed" | "cancelled"): ToolCall[] {
  return tools.some((call) => call.state === "running")
    ? tools.map((call) => (call.state === "running" ? { ...call, state } : call))
    : tools;
}

/** Providers use an id again in a later round, or give none: a call is known by its place among the calls. */
const runningCall = (tools: readonly ToolCall[], id: string, tool: string): ToolCall | undefined =>
  tools.find((call) => call.id === id && call.tool === tool && call.state === "running");

function startTool(state: Answer, event: Extract<ChatEvent, { type: "tool" }>): Answer {
  const { tool, id, args } = event;
  const same = runningCall(state.tools, id, tool);
  if (same && JSON.stringify(same.args) === JSON.stringify(args)) return state;
  const call: ToolCall = { tool, id, args, state: "running", durationMs: null, summary: "", data: null };
  return { ...state, status: "streaming", tools: [...state.tools, call] };
}

function endTool(state: Answer, event: Extract<ChatEvent, { type: "tool_result" }>): Answer {
  const known = runningCall(state.tools, event.id, event.tool) ?? state.tools.findLast((call) => call.id === event.id);
  const ended: ToolCall = {
    tool: event.tool,
    id: event.id,
    args: known?.args ?? {},
    state: event.ok ? "done" : "failed",
    durationMs: event.duration_ms,
    summary: event.summary,
    data: event.data,
  };
  const tools = known ? state.tools.map((call) => (call === known ? ended : call)) : [...state.tools, ended];
  return { ...state, tools };
}

/** The list with `next` in the place of the one with the same keys, else at its end. */
function newest<One>(list: readonly One[], next: One, keys: readonly (keyof One)[]): One[] {
  const at = list.findIndex((one) => keys.every((key) => one[key] === next[key]));
  return at < 0 ? [...list, next] : list.with(at, next);
}

function fail(state: Answer, failure: ChatFailure): Answer {
  return { ...state, status: "error", error: failure, tools: closeTools(state.tools, "failed") };
}

function fromLocal(state: Answer, event: LocalEvent): Answer {
  switch (event.type) {
    case "asked":
      return { ...EMPTY_ANSWER, status: "waiting", requestId: event.request_id, sessionId: event.session_id };
    case "stopped":
      return isLive(state)
        ? { ...state, status: "stopped", tools: closeTools(state.tools, "cancelled"), questions: [] }
        : state;
    case "cut":
      return isLive(state) ? fail(state, CUT) : state;
    case "failed":
      return fail(state, event.failure);
    case "kept":
      return { ...state, saved: event.saved, sessionId: event.saved.session_id, kept: true };
    default:
      return assertNever(event);
  }
}

/** The next state of an answer. Pure; an answer that has ended takes nothing more from the wire. */
export function chatReducer(state: Answer, event: ChatEvent | LocalEvent): Answer {
  switch (event.type) {
    case "asked":
    case "stopped":
    case "cut":
    case "failed":
    case "kept":
      return fromLocal(state, event);
  }
  if (!isLive(state)) return state;
  switch (event.type) {
    case "start":
      return {
        ...state,
        requestId: state.requestId ?? event.request_id,
        sessionId: event.session_id,
        model: event.model,
      };
    case "token":
      return { ...state, status: "streaming", content: state.content + event.content };
    case "reasoning":
      return { ...state, status: "streaming", reasoning: state.reasoning + event.content };
    case "tool":
      return startTool(state, event);
    case "tool_result":
      return endTool(state, event);
    case "route":
      return { ...state, route: event.route };
    case "step":
      return { ...state, status: "streaming", steps: newest(state.steps, event.step, ["id"]) };
    case "source":
      return { ...state, sources: newest(state.sources, event.source, ["id"]) };
    case "artifact":
      return { ...state, artifacts: newest(state.artifacts, event.artifact, ["kind", "id"]) };
    case "check":
      return { ...state, figures: event.figures };
    case "usage":
      return {
        ...state,
        usage: {
          prompt_tokens: event.prompt_tokens,
          completion_tokens: event.completion_tokens,
          cost_usd: event.cost_usd ?? null,
        },
      };
    case "suggestions":
      return { ...state, questions: event.questions };
    case "error": {
      const { code, message, retryable } = event;
      return fail(state, { code, message, retryable, retryAfter: event.retry_after, requestId: event.request_id });
    }
    case "done": {
      const { session_id, message_id, user_message_id } = event;
      const tools = closeTools(state.tools, "failed");
      return {
        ...state,
        status: "done",
        sessionId: session_id,
        saved: { session_id, message_id, user_message_id },
        tools,
      };
    }
    default:
      return assertNever(event);
  }
}

/** A saved assistant message as the answer it was. */
export function answerFromMessage(message: ChatMessage, sessionId: number | null): Answer {
  const recorded = message.tool_results ?? [];
  const tools: ToolCall[] = recorded.length
    ? recorded.map((result) => ({
        tool: result.tool,
        id: result.id,
        args: result.args ?? {},
        state: result.ok ? "done" : "failed",
        durationMs: result.duration_ms,
        summary: result.summary,
        data: result.data ?? null,
      }))
    : (message.tool_calls ?? []).map((tool, index) => ({
        tool,
        id: `${message.id}-${index}`,
        args: {},
        state: message.stopped ? "cancelled" : "done",
        durationMs: null,
        summary: "",
        data: null,
      }));
  return {
    ...EMPTY_ANSWER,
    status: message.stopped ? "stopped" : "done",
    requestId: message.request_id,
    sessionId,
    content: message.content,
    tools,
    figures: message.checks?.length ? message.checks.map(toFigure).filter((figure) => figure !== null) : null,
    sources: message.sources ?? [],
    artifacts: message.artifacts ?? [],
    usage: message.usage,
    kept: message.stopped,
    saved: sessionId === null ? null : { session_id: sessionId, message_id: message.id, user_message_id: 0 },
  };
}
