import { afterEach, expect, it, vi } from "vitest";
import { uploadByXhr } from "./upload";

type Listener = (event: { loaded: number; total: number; lengthComputable: boolean }) => void;

class Emitter {
  private readonly listeners: Record<string, Listener[]> = {};
  addEventListener(name: string, listener: Listener): void {
    (this.listeners[name] ??= []).push(listener);
  }
  emit(name: string, loaded = 0, total = 0): void {
    for (const listener of this.listeners[name] ?? []) listener({ loaded, total, lengthComputable: total > 0 });
  }
}

/** The browser's request, driven by hand. */
class Wire extends Emitter {
  static last: Wire;
  readonly upload = new Emitter();
  readonly headers: Record<string, string> = {};
  status = 0;
  responseText = "";
  open = vi.fn();
  send = vi.fn();
  constructor() {
    super();
    Wire.last = this;
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  getAllResponseHeaders(): string {
    return "content-type: application/json\r\nretry-after: 3\r\n";
  }
  abort(): void {
    this.emit("abort");
  }
}

afterEach(() => vi.unstubAllGlobals());

function start(signal?: AbortSignal) {
  vi.stubGlobal("XMLHttpRequest", Wire);
  const onProgress = vi.fn();
  const answer = uploadByXhr("/x", { method: "POST", headers: { Authorization: "Bearer t" }, signal }, onProgress);
  return { answer, onProgress };
}

it("tells the bytes as they leave and answers as fetch would", async () => {
  const { answer, onProgress } = start();
  const wire = Wire.last;
  wire.upload.emit("progress", 5, 10);
  wire.status = 422;
  wire.responseText = '{"code":"bad_value"}';
  wire.emit("load");
  const response = await answer;
  expect(wire.headers).toEqual({ authorization: "Bearer t" });
  expect(onProgress).toHaveBeenCalledWith({ sent: 5, total: 10 });
  expect([response.status, response.headers.get("Retry-After")]).toEqual([422, "3"]);
  expect(await response.json()).toEqual({ code: "bad_value" });
});

it("a lost line and a stopped upload are told apart", async () => {
  const lost = start();
  Wire.last.emit("error");
  await expect(lost.answer).rejects.toBeInstanceOf(TypeError);
  const controller = new AbortController();
  const stopped = start(controller.signal);
  controller.abort();
  await expect(stopped.answer).rejects.toMatchObject({ name: "AbortError" });
  await expect(start(controller.signal).answer).rejects.toMatchObject({ name: "AbortError" });
});
