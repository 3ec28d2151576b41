/** What is said of each failure of an answer. Long, and rarely read: it comes with the first card that shows one. */

export interface FailureText {
  title: string;
  /** What the server's message does not say already. */
  hint?: string;
  /** The model's settings can mend it. */
  settings: boolean;
}

const TEXTS: Record<string, FailureText> = {
  missing_api_key: {
    title: "This strategy has no API key",
    hint: "Add an OpenRouter key in the strategy's settings, or choose the offline analyst.",
    settings: true,
  },
  invalid_api_key: {
    title: "The API key was refused",
    settings: true,
  },
  api_key_not_opened: {
    title: "The stored API key can't be opened",
    hint: "The server's own key has changed since it was stored. Enter the OpenRouter key again.",
    settings: true,
  },
  insufficient_credits: {
    title: "Out of credits",
    settings: true,
  },
  model_not_found: {
    title: "Language model not available",
    hint: "OpenRouter does not offer the chosen model any more. Choose another in the strategy's settings.",
    settings: true,
  },
  model_lacks_tools: {
    title: "The language model can't use tools",
    hint: "The analysis needs a model that supports tool calls. Choose one marked “tools”.",
    settings: true,
  },
  context_too_long: {
    title: "The conversation is too long for the language model",
    hint: "Start a new conversation, or choose a model with a larger context.",
    settings: true,
  },
  content_filtered: {
    title: "The provider withheld the answer",
    hint: "Its content filter stepped in. Put the question another way.",
    settings: false,
  },
  too_many_requests: { title: "Too many requests", hint: "Wait a moment, then go on.", settings: false },
  too_many_streams: {
    title: "Too many answers at once",
    hint: "Wait for another answer to end, or stop it. Then ask again.",
    settings: false,
  },
  token_limit: {
    title: "Today’s tokens are used up",
    hint: "Whoever runs this server set a limit for each day. Ask again later, or use the offline analyst.",
    settings: false,
  },
  cost_limit: {
    title: "Today’s model cost is used up",
    hint: "Whoever runs this server set a limit for each day. Ask again later, or use the offline analyst.",
    settings: false,
  },
  upload_limit: {
    title: "Today’s uploads are used up",
    hint: "Whoever runs this server set a limit for each day. Import again later.",
    settings: false,
  },
  slow_reader: {
    title: "The answer was not taken in time",
    hint: "The line was too slow for it, or this page was asleep. Nothing was saved; ask again.",
    settings: false,
  },
  shutting_down: {
    title: "The server is restarting",
    hint: "Nothing was saved. Ask again in a moment.",
    settings: false,
  },
  shared_state_unavailable: {
    title: "The server can’t take questions just now",
    hint: "A part of it does not answer. This is usually brief: ask again in a moment.",
    settings: false,
  },
  rate_limited: { title: "Too many requests", hint: "Wait a moment, then ask again.", settings: false },
  upstream_unavailable: { title: "The model provider is not available", settings: false },
  stream_lost: {
    title: "The connection was lost",
    hint: "The answer could not be taken up again. If it was completed, it is in the conversation after a reload.",
    settings: false,
  },
  upstream_timeout: {
    title: "The model took too long",
    hint: "No answer came in time. Ask again, or choose a faster model.",
    settings: false,
  },
  tool_limit: {
    title: "Too many analysis steps",
    hint: "The model kept calling tools without answering. Ask a narrower question.",
    settings: false,
  },
  save_failed: {
    title: "The answer could not be saved",
    hint: "Saving again does not run the model a second time.",
    settings: false,
  },
  connection_lost: { title: "Connection lost", hint: "Nothing was saved. Ask again.", settings: false },
  network: { title: "Server not reachable", hint: "Check that Rundown is running.", settings: false },
};

const UNKNOWN: FailureText = {
  title: "Something went wrong",
  hint: "Ask again; if it keeps happening, look at the server's log.",
  settings: false,
};

export const failureText = (code: string): FailureText => TEXTS[code] ?? UNKNOWN;

/** " Try again in …" for the seconds a server asks to wait; empty for none. */
export function waitText(seconds: number | null): string {
  if (!seconds) return "";
  if (seconds < 120) return ` Try again in ${Math.ceil(seconds)} s.`;
  return seconds < 5400
    ? ` Try again in ${Math.ceil(seconds / 60)} minutes.`
    : ` Try again in ${Math.ceil(seconds / 3600)} hours.`;
}
