/** Conversations, their messages, and the ways out of the page. */

export interface ChatSession {
  id: number;
  model_id: number;
  model_name: string;
  run_id: number;
  run_number: number;
  run_name: string;
  session_title: string;
  pinned: boolean;
  created_at: string;
  updated_at: string;
  message_count: number;
  /** Of a search: the place that was found, and in which message. */
  snippet?: string | null;
  found_message_id?: number | null;
}

/** A read-only link to a conversation; its address is told once, when it is made. */
export interface ChatShare {
  id: number;
  session_id: number;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
}

export interface MadeShare extends ChatShare {
  path: string;
}

/** A message as it is read, exported or shared, without what tools found. */
export type PlainMessage = Pick<
  ChatMessage,
  "id" | "role" | "content" | "tool_calls" | "checks" | "stopped" | "timestamp"
>;

/** What a link opens. */
export interface SharedChat {
  title: string;
  run_name: string;
  created_at: string;
  expires_at: string;
  messages: PlainMessage[];
}

export interface ExportedChat {
  session: ChatSession;
  messages: ChatMessage[];
}

export interface ToolRecord {
  tool: string;
  id: string;
  args?: Record<string, unknown>;
  ok: boolean;
  duration_ms: number;
  summary: string;
  data?: Record<string, unknown>;
}

/** `sourced`: a figure from the web, as its source states it. */
export type FigureStatus = "verified" | "derived" | "sourced" | "found" | "unverified";

/** One figure of an answer; `start` and `end` are UTF-16 code units into it. */
export interface CheckedFigure {
  text: string;
  start: number;
  end: number;
  status: FigureStatus;
  /** Why it is not verified: `no_match`, `label_mismatch`, `unit_mismatch`. */
  why?: string | null;
  /** Of a mismatch: what the number really is, in a sentence. */
  belongs_to?: string | null;
  source?: Record<string, unknown> | null;
}

/** Who answers, as a router chose before the model was called. */
export interface Route {
  query_type: string;
  confidence: number | null;
  role: string;
  model: string;
  reasoning: string;
  keywords: string[];
  forced: boolean;
  fallback_from?: string | null;
}

/** A step of a longer answer; the same id again is its newer state. */
export interface Step {
  id: string;
  name: string;
  state: string;
  started_at: string | null;
  ended_at?: string | null;
  tokens?: number | null;
  cost_usd?: number | null;
}

/** A page that the answer rests on. */
export interface Source {
  id: string;
  title: string;
  url: string;
  host: string;
  published_at?: string | null;
}

/** Something made for the reader: drawn by its kind. The same kind and id again is its newer version. */
export interface Artifact {
  kind: string;
  id: string;
  version: number;
  data: Record<string, unknown>;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd?: number | null;
}

export interface ChatMessage {
  id: number;
  role: "user" | "assistant";
  content: string;
  tool_calls: string[];
  tool_results: ToolRecord[];
  checks: CheckedFigure[];
  sources?: Source[];
  artifacts?: Artifact[];
  usage: Usage | null;
  stopped: boolean;
  request_id: string | null;
  timestamp: string;
  parent_id?: number | null;
  /** Messages with the same parent, its own id among them. */
  siblings?: number[];
}

export interface ChatHistory {
  session_id: number | null;
  messages: ChatMessage[];
  /** Of the whole conversation, with all its branches. */
  usage?: Usage | null;
}

export interface SavedTurn {
  session_id: number;
  message_id: number;
  user_message_id: number;
}
