import { ApiError } from "./api";
import type { ChatFailure } from "./chat-reducer";

/** What a request that failed before its first event means for the answer. */
export function failureOf(error: unknown): ChatFailure {
  if (!(error instanceof ApiError)) {
    const message = "The connection was lost before the answer was complete. Nothing was saved.";
    return { code: "connection_lost", message, retryable: true, retryAfter: null, requestId: null };
  }
  const retryable = error.status === 0 || error.status === 409 || error.status === 429 || error.status >= 500;
  return { code: error.code, message: error.message, retryable, retryAfter: error.retryAfter, requestId: null };
}

/** One sentence for the reader from whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error && error.message ? error.message : "Something went wrong.";
