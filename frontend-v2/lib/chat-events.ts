import type { CheckedFigure, FigureStatus, Usage } from "./types";

/** The events of a chat stream, as the wire contract names them. */
export type ChatEvent =
  | { type: "start"; request_id: string; session_id: number | null; run_id: number; model: string }
  | { type: "token"; content: string }
  | { type: "reasoning"; content: string }
  | { type: "tool"; tool: string; id: string; args: Record<string, unknown> }
  | {
      type: "tool_result";
      tool: string;
      id: string;
      ok: boolean;
      duration_ms: number;
      summary: string;
      data: Record<string, unknown>;
    }
  | { type: "check"; figures: CheckedFigure[] }
  | ({ type: "usage" } & Usage)
  | { type: "suggestions"; questions: string[] }
  | {
      type: "error";
      code: string;
      message: string;
      retryable: boolean;
      retry_after: number | null;
      request_id: string | null;
    }
  | { type: "stopped"; request_id: string }
  | { type: "done"; session_id: number; message_id: number; user_message_id: number };

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown, fallback = ""): string => (typeof value === "string" ? value : fallback);
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const STATUSES: readonly string[] = ["verified", "derived", "unverified"];

/** A checked figure from untrusted JSON, or null. A status from a later contract reads as unverified. */
export function toFigure(value: unknown): CheckedFigure | null {
  if (!isFields(value)) return null;
  const start = number(value.start);
  const end = number(value.end);
  if (typeof value.text !== "string" || start === null || end === null || end <= start || start < 0) return null;
  const status = STATUSES.includes(text(value.status)) ? (value.status as FigureStatus) : "unverified";
  return { text: value.text, start, end, status, source: isFields(value.source) ? value.source : null };
}

function content(type: "token" | "reasoning", value: Fields): ChatEvent | null {
  return typeof value.content === "string" ? { type, content: value.content } : null;
}

function tool(value: Fields): ChatEvent | null {
  if (typeof value.tool !== "string" || typeof value.id !== "string") return null;
  return { type: "tool", tool: value.tool, id: value.id, args: fields(value.args) };
}

function toolResult(value: Fields): ChatEvent | null {
  if (typeof value.tool !== "string" || typeof value.id !== "string") return null;
  return {
    type: "tool_result",
    tool: value.tool,
    id: value.id,
    ok: value.ok === true,
    duration_ms: number(value.duration_ms) ?? 0,
    summary: text(value.summary),
    data: fields(value.data),
  };
}

function error(value: Fields): ChatEvent {
  return {
    type: "error",
    code: text(value.code, "internal"),
    message: text(value.message, "The answer could not be completed."),
    retryable: value.retryable === true,
    retry_after: number(value.retry_after),
    request_id: typeof value.request_id === "string" ? value.request_id : null,
  };
}

function done(value: Fields): ChatEvent | null {
  const session_id = number(value.session_id);
  const message_id = number(value.message_id);
  const user_message_id = number(value.user_message_id);
  if (session_id === null || message_id === null || user_message_id === null) return null;
  return { type: "done", session_id, message_id, user_message_id };
}

function start(value: Fields): ChatEvent {
  return {
    type: "start",
    request_id: text(value.request_id),
    session_id: number(value.session_id),
    run_id: number(value.run_id) ?? 0,
    model: text(value.model),
  };
}

function usage(value: Fields): ChatEvent {
  return {
    type: "usage",
    prompt_tokens: number(value.prompt_tokens) ?? 0,
    completion_tokens: number(value.completion_tokens) ?? 0,
    cost_usd: number(value.cost_usd),
  };
}

function fromFields(value: Fields): ChatEvent | null {
  switch (value.type) {
    case "start":
      return start(value);
    case "token":
    case "reasoning":
      return content(value.type, value);
    case "tool":
      return tool(value);
    case "tool_result":
      return toolResult(value);
    case "check":
      return Array.isArray(value.figures)
        ? { type: "check", figures: value.figures.map(toFigure).filter((figure) => figure !== null) }
        : null;
    case "usage":
      return usage(value);
    case "suggestions":
      return Array.isArray(value.questions)
        ? { type: "suggestions", questions: value.questions.filter((q): q is string => typeof q === "string") }
        : null;
    case "error":
      return error(value);
    case "stopped":
      return { type: "stopped", request_id: text(value.request_id) };
    case "done":
      return done(value);
    default:
      return null;
  }
}

/** One frame's data → a typed event, or null for what is malformed or not known yet. Never throws. */
export function parseChatEvent(data: string): ChatEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? fromFields(value) : null;
  } catch {
    return null;
  }
}
