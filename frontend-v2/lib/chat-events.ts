import { toFigure } from "./figure-status";
import { toSubject, type Subject } from "./subject";
import type { Artifact, CheckedFigure, Route, Source, Step, Usage } from "./types";

/** The events of a chat stream, as the wire contract names them. */
export type ChatEvent =
  | { type: "start"; request_id: string; session_id: number | null; subject: Subject | null; model: string }
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
  | { type: "route"; route: Route }
  | { type: "step"; step: Step }
  | { type: "source"; source: Source }
  | { type: "artifact"; artifact: Artifact }
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
const textOrNull = (value: unknown): string | null => (typeof value === "string" && value ? value : null);

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
    // A server from before subjects names the run alone.
    subject: toSubject(value.subject) ?? toSubject({ kind: "run", id: value.run_id }),
    model: text(value.model),
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

/** Ids are text on the wire, or a number. */
const idOf = (value: unknown): string | null => textOrNull(typeof value === "number" ? String(value) : value);

function route(value: Fields): ChatEvent {
  const route: Route = {
    query_type: text(value.query_type),
    confidence: number(value.confidence),
    role: text(value.role),
    model: text(value.model),
    reasoning: text(value.reasoning),
    keywords: texts(value.keywords),
    forced: value.forced === true,
    fallback_from: textOrNull(value.fallback_from),
  };
  return { type: "route", route };
}

function step(value: Fields): ChatEvent | null {
  const id = idOf(value.id);
  if (id === null) return null;
  const step: Step = {
    id,
    name: text(value.name),
    state: text(value.state),
    started_at: textOrNull(value.started_at),
    ended_at: textOrNull(value.ended_at),
    tokens: number(value.tokens),
    cost_usd: number(value.cost_usd),
  };
  return { type: "step", step };
}

function source(value: Fields): ChatEvent | null {
  const id = idOf(value.id);
  const url = text(value.url);
  // What a stranger's page gave as its address is followed only if it is one of the web.
  if (id === null || !/^https?:\/\//i.test(url)) return null;
  const published_at = textOrNull(value.published_at);
  return { type: "source", source: { id, title: text(value.title, url), url, host: text(value.host), published_at } };
}

function artifact(value: Fields): ChatEvent | null {
  const id = idOf(value.id);
  if (id === null || typeof value.kind !== "string" || !isFields(value.data)) return null;
  const { kind, data } = value;
  return { type: "artifact", artifact: { kind, id, version: number(value.version) ?? 1, data } };
}

function usage(value: Fields): ChatEvent {
  return {
    type: "usage",
    prompt_tokens: number(value.prompt_tokens) ?? 0,
    completion_tokens: number(value.completion_tokens) ?? 0,
    cost_usd: number(value.cost_usd),
  };
}

const MOST_WARNINGS = 10;
const warned = new Set<string>();

/** For whoever reads the console: a server that is newer than the page sends what the page passes over. */
function warnOnce(type: string): void {
  if (warned.has(type) || warned.size === MOST_WARNINGS) return;
  warned.add(type);
  // eslint-disable-next-line no-console -- the one place for it: there is nothing to tell the reader.
  console.warn(`The page does not know chat events of the type “${type.slice(0, 40)}”, and passes over them.`);
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
    case "route":
      return route(value);
    case "step":
      return step(value);
    case "source":
      return source(value);
    case "artifact":
      return artifact(value);
    case "check":
      return Array.isArray(value.figures)
        ? { type: "check", figures: value.figures.map(toFigure).filter((figure) => figure !== null) }
        : null;
    case "usage":
      return usage(value);
    case "suggestions":
      return Array.isArray(value.questions) ? { type: "suggestions", questions: texts(value.questions) } : null;
    case "error":
      return error(value);
    case "stopped":
      return { type: "stopped", request_id: text(value.request_id) };
    case "done":
      return done(value);
    default:
      warnOnce(text(value.type, "without a type"));
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
