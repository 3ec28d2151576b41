import { parseChatEvent, type ChatEvent } from "./chat-events";
import { createSseDecoder } from "./sse-decoder";

export interface NumberedEvent {
  /** What to send as `Last-Event-ID` to go on after this event. */
  id: string | null;
  event: ChatEvent;
}

/** The events of a streamed body, as they arrive. Ends with the body, whether or not it was complete. */
export async function* readChatEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<NumberedEvent> {
  const decoder = createSseDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const frame of done ? decoder.end() : decoder.push(value)) {
        const event = parseChatEvent(frame.data);
        if (event) yield { id: frame.id, event };
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
