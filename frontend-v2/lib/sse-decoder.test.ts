import { describe, expect, it } from "vitest";
import { parseChatEvent } from "./chat-events";
import { createSseDecoder, type Frame } from "./sse-decoder";
import { pick, random, repeat } from "./test-random";

const PIECES = [
  'data: {"type":"token","content":"hi"}',
  'data: {"type":"token","content":"📉 €"}',
  'data: {"type":"tool","id":5,"args":[]}',
  'data: {"type":"__proto__"}',
  'data: {"type":"done","session_id":{}}',
  'data: {"type":"check","figures":[null,1,{"text":{}}]}',
  'data: {"__proto__":{"type":"done"}}',
  "data: [DONE]",
  "data: not json",
  "data",
  "data:",
  "id: 7",
  "id: \u0000",
  "event: message",
  "retry: 99999999999",
  ": ping",
  "",
  "\r",
  "\uFEFF",
];

function hostileBytes(next: () => number): Uint8Array {
  const text = repeat(next, 12, () => pick(next, PIECES) + pick(next, ["\n", "\n\n", "\r\n", "\r", ""])).join("");
  const bytes = new TextEncoder().encode(text);
  for (let n = Math.floor(next() * 3); n > 0 && bytes.length; n--) {
    bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
  }
  return bytes;
}

function decode(bytes: Uint8Array, size: (at: number) => number): Frame[] {
  const decoder = createSseDecoder();
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + size(at));
    frames.push(...decoder.push(bytes.subarray(at, end)));
    at = end;
  }
  return [...frames, ...decoder.end()];
}

describe("hostile streams", () => {
  it("are cut anywhere without a difference, and no frame of them throws", () => {
    for (let seed = 1; seed <= 600; seed++) {
      const next = random(seed);
      const bytes = hostileBytes(next);
      const whole = decode(bytes, () => bytes.length);
      expect(
        decode(bytes, () => 1 + Math.floor(next() * 5)),
        `seed ${seed}`,
      ).toEqual(whole);
      for (const frame of whole) {
        const event = parseChatEvent(frame.data);
        expect(event === null || typeof event.type === "string", `seed ${seed}`).toBe(true);
      }
    }
    expect(({} as Record<string, unknown>).type).toBeUndefined();
  });
});
