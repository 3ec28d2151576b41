import { createParser } from "eventsource-parser";

export interface Frame {
  id: string | null;
  data: string;
}

export interface SseDecoder {
  /** Frames completed by these bytes; a chunk may end anywhere, inside a character too. */
  push(chunk: Uint8Array): Frame[];
  /** Frames that only the end of the stream completes. An unfinished frame is dropped, as the SSE standard asks. */
  end(): Frame[];
}

/** Bytes → SSE frames. Comments (`: ping`) and unknown fields yield nothing. */
export function createSseDecoder(): SseDecoder {
  let frames: Frame[] = [];
  const text = new TextDecoder("utf-8");
  const parser = createParser({
    onEvent: (event) => frames.push({ id: event.id ?? null, data: event.data }),
  });
  const drain = (): Frame[] => {
    const ready = frames;
    frames = [];
    return ready;
  };
  return {
    push(chunk) {
      parser.feed(text.decode(chunk, { stream: true }));
      return drain();
    },
    end() {
      parser.feed(text.decode());
      return drain();
    },
  };
}
