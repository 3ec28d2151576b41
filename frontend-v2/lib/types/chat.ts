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

export type FigureStatus = "verified" | "derived" | "unverified";

/** One figure of an answer; `start` and `end` are UTF-16 code units into it. */
export interface CheckedFigure {
  text: string;
  start: number;
  end: number;
  status: FigureStatus;
  source?: Record<string, unknown> | null;
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
