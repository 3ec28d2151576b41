import { afterEach, expect, it, vi } from "vitest";
import { LineCut, uploadByXhr } from "./upload";

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
  type = "application/json";
  open = vi.fn();
  send = vi.fn();
  constructor() {
    super();
    Wire.last = this;
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  getResponseHeader(name: string): string | null {
    return name === "Content-Type" ? this.type : null;
  }
  getAllResponseHeaders(): string {
    return `content-type: ${this.type}\r\nretry-after: 3\r\n`;
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
  expect(wire.headers).toEqual({ authorization: "Bearer t", Accept: "text/event-stream" });
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

const STEP = 'event: progress\ndata: {"stage":"reading","rows":4096,"rows_total":null}\n\n';

/** A stream that has brought this much. */
function stream(text: string) {
  const started = start();
  const wire = Wire.last;
  wire.upload.emit("load");
  wire.status = 200;
  wire.type = "text/event-stream; charset=utf-8";
  for (let end = 7; end < text.length; end += 7) {
    wire.responseText = text.slice(0, end);
    wire.emit("progress");
  }
  wire.responseText = text;
  return { ...started, wire };
}

it("tells the server's steps as they come and answers with the stream's end", async () => {
  const { answer, onProgress, wire } = stream(`${STEP}event: done\ndata: {"run":{"id":5}}\n\n`);
  expect(onProgress.mock.calls).toEqual([[{ stage: "reading", rows: 4096, total: null }]]);
  wire.emit("load");
  const response = await answer;
  expect([response.ok, await response.json()]).toEqual([true, { run: { id: 5 } }]);
  expect(onProgress).toHaveBeenCalledOnce();
});

it("a refusal at the stream's end is an answer of its own status", async () => {
  const { answer, wire } = stream(`${STEP}event: error\ndata: {"status":409,"code":"already_imported"}\n\n`);
  wire.emit("load");
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([409, { status: 409, code: "already_imported" }]);
});

it("a line that breaks after all was sent is told from one that never came through", async () => {
  const broken = stream(STEP);
  broken.wire.emit("error");
  await expect(broken.answer).rejects.toBeInstanceOf(LineCut);
  const closed = stream(`${STEP}event: done\ndata: {"run"`);
  closed.wire.emit("load");
  await expect(closed.answer).rejects.toBeInstanceOf(LineCut);
  const silent = start();
  Wire.last.upload.emit("load");
  Wire.last.emit("error");
  await expect(silent.answer).rejects.toBeInstanceOf(LineCut);
});
