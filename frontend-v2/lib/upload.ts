/** How much of an upload has left; `total` is 0 while it is not known. */
export interface UploadProgress {
  sent: number;
  total: number;
}

export type Uploader = (
  url: string,
  init: RequestInit,
  onProgress: (progress: UploadProgress) => void,
) => Promise<Response>;

/** `fetch` for a body whose sending is to be watched: only XMLHttpRequest tells how much has left. */
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
    request.open(method, url);
    new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.addEventListener("progress", (event) =>
      onProgress({ sent: event.loaded, total: event.lengthComputable ? event.total : 0 }),
    );
    request.addEventListener("load", () => {
      settled();
      const answered = new Headers();
      for (const line of request
        .getAllResponseHeaders()
        .trim()
        .split(/[\r\n]+/)) {
        const colon = line.indexOf(":");
        if (colon > 0) answered.append(line.slice(0, colon), line.slice(colon + 1).trim());
      }
      resolve(new Response(request.responseText || null, { status: request.status, headers: answered }));
    });
    request.addEventListener("error", () => {
      settled();
      reject(new TypeError("The upload failed."));
    });
    request.addEventListener("abort", () => {
      settled();
      reject(stopped());
    });
    signal?.addEventListener("abort", stop);
    request.send(body as XMLHttpRequestBodyInit | null | undefined);
  });
