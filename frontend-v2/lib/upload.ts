import { createImportReader, type ImportStep } from "./import-events";

/** How much of an upload has left; `total` is 0 while it is not known. */
export interface UploadProgress {
  sent: number;
  total: number;
}

export type Watched = UploadProgress | ImportStep;

export type Uploader = (url: string, init: RequestInit, onProgress: (progress: Watched) => void) => Promise<Response>;

/** The line broke when all had been sent: the server may have gone on. */
export class LineCut extends Error {
  constructor() {
    super("The connection was lost before the server had answered.");
    this.name = "LineCut";
  }
}

const STREAM = "text/event-stream";

/**
 * `fetch` for a body whose sending is to be watched: only XMLHttpRequest tells how much has left. Where the server
 * streams how far it is, that is told too, and the promise is for the answer at the stream's end.
 */
export const uploadByXhr: Uploader = (url, { method = "POST", headers, body, signal }, onProgress) =>
  new Promise((resolve, reject) => {
    const stopped = (): DOMException => new DOMException("The upload was stopped.", "AbortError");
    if (signal?.aborted) {
      reject(stopped());
      return;
    }
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    const settled = (): void => signal?.removeEventListener("abort", stop);
    const reader = createImportReader(onProgress);
    let allSent = false;
    let read = 0;
    const isStream = (): boolean => (request.getResponseHeader("Content-Type") ?? "").startsWith(STREAM);
    const readOn = (): void => {
      const text = request.responseText;
      reader.push(text.slice(read));
      read = text.length;
    };
    request.open(method, url);
    new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.setRequestHeader("Accept", STREAM);
    request.upload.addEventListener("progress", (event) =>
      onProgress({ sent: event.loaded, total: event.lengthComputable ? event.total : 0 }),
    );
    request.upload.addEventListener("load", () => (allSent = true));
    request.addEventListener("progress", () => {
      if (isStream()) readOn();
    });
    request.addEventListener("load", () => {
      settled();
      if (!isStream()) {
        resolve(plainAnswer(request));
        return;
      }
      readOn();
      const ending = reader.ending();
      if (ending) resolve(new Response(ending.body, { status: ending.status }));
      else reject(new LineCut());
    });
    request.addEventListener("error", () => {
      settled();
      reject(allSent ? new LineCut() : new TypeError("The upload failed."));
    });
    request.addEventListener("abort", () => {
      settled();
      reject(stopped());
    });
    signal?.addEventListener("abort", stop);
    request.send(body as XMLHttpRequestBodyInit | null | undefined);
  });

function plainAnswer(request: XMLHttpRequest): Response {
  const answered = new Headers();
  for (const line of request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)) {
    const colon = line.indexOf(":");
    if (colon > 0) answered.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return new Response(request.responseText || null, { status: request.status, headers: answered });
}
