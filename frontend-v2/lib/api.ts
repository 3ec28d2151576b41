import { reportAnswer } from "./connection";
import type { TradeFilter } from "./trade-filter";
import type { Placement } from "./turns";
import type * as T from "./types";
import type { Uploader, Watched } from "./upload";

/** A refused request, as problem+json states it; `code` is stable, `message` is for the reader. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: T.ProblemItem[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface ApiOptions {
  /** The current access token; `fresh` asks for a new one although the old has not run out. */
  getToken: (fresh?: boolean) => Promise<string | null>;
  /** Called when the server refuses a fresh token too. */
  onExpired: () => void;
  fetch?: typeof fetch;
  upload?: Uploader;
}

export interface UploadOptions {
  signal?: AbortSignal;
  /** Told how much of the body has been sent, in bytes, and then how far the server is, in rows. */
  onProgress?: (progress: Watched) => void;
}

export interface ChatRequest extends Placement {
  message: string;
  session_id: number | null;
  request_id: string;
}

export interface KeepRequest extends ChatRequest {
  content: string;
  tool_calls: string[];
}

export interface TradeQuery extends TradeFilter {
  ids?: readonly number[];
  sort?: string;
  limit?: number;
  offset?: number;
}

/** A part of a run's time, as ISO 8601 moments. */
export interface TimeWindow {
  from: string;
  to: string;
}

const PAGE_SIZE = 100;
const CUT_OFF =
  "The connection was lost while the file was being imported, so it is not known whether the run was saved. " +
  "Importing it again is safe: if it was, you are told so.";
const MAX_PAGES = 50;

const query = (values: Record<string, string | number | null | undefined>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
};

/** Reads a refusal; a proxy's HTML or an empty body still gives a sentence. */
export async function toApiError(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const body = (await response.json()) as Record<string, unknown>;
    const message = [body.detail, body.title].find((text) => typeof text === "string" && text) as string | undefined;
    const errors = Array.isArray(body.errors) ? (body.errors as T.ProblemItem[]) : [];
    const code = typeof body.code === "string" ? body.code : `http_${response.status}`;
    return new ApiError(
      response.status,
      code,
      message ?? `The server answered ${response.status}.`,
      errors,
      retryAfter,
    );
  } catch {
    return new ApiError(
      response.status,
      `http_${response.status}`,
      `The server answered ${response.status}.`,
      [],
      retryAfter,
    );
  }
}

const unreachable = (code: string): ApiError =>
  new ApiError(0, code, "The server can't be reached. Check that it is running, then try again.");

/** A request that needs no account. */
async function reach(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    // Nothing on such a page brings it by itself once the line is back.
    throw unreachable("unreachable");
  }
}

export async function loadConfig(): Promise<T.AppConfig> {
  const response = await reach("/api/config");
  if (!response.ok) throw await toApiError(response);
  return (await response.json()) as T.AppConfig;
}

/** What a link shows; needs no account. */
export async function openShare(token: string): Promise<T.SharedChat> {
  const response = await reach("/api/shared", {
    method: "POST",
    body: JSON.stringify({ token }),
    headers: { "Content-Type": "application/json" },
  });
  if (!response.ok) throw await toApiError(response);
  return (await response.json()) as T.SharedChat;
}

export type Api = ReturnType<typeof createApi>;

/** Few visits upload anything: what does it comes when it is wanted. */
const uploadOnDemand: Uploader = async (...request) => (await import("./upload")).uploadByXhr(...request);

function createSender({ getToken, onExpired, fetch: send = fetch, upload = uploadOnDemand }: ApiOptions) {
  const attempt = async (
    path: string,
    init: RequestInit,
    fresh: boolean,
    onProgress?: UploadOptions["onProgress"],
  ): Promise<Response> => {
    const token = await getToken(fresh);
    const headers = new Headers(init.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    try {
      const response = await (onProgress
        ? upload(path, { ...init, headers }, onProgress)
        : send(path, { ...init, headers }));
      reportAnswer(true);
      return response;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      reportAnswer(false);
      if (error instanceof Error && error.name === "LineCut") throw new ApiError(0, "line_cut", error.message);
      throw unreachable("network");
    }
  };
  const request = async (
    path: string,
    init: RequestInit = {},
    onProgress?: UploadOptions["onProgress"],
  ): Promise<Response> => {
    let response = await attempt(path, init, false, onProgress);
    if (response.status === 401) response = await attempt(path, init, true, onProgress);
    if (response.ok) return response;
    const error = await toApiError(response);
    if (response.status === 401) onExpired();
    throw error;
  };
  const get = async <R>(path: string): Promise<R> => (await (await request(path)).json()) as R;
  const write = async (method: string, path: string, body?: unknown): Promise<Response> =>
    request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  const writeJson = async <R>(method: string, path: string, body: unknown): Promise<R> =>
    (await (await write(method, path, body)).json()) as R;
  const listAll = async <R>(path: string): Promise<R[]> => {
    const items: R[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer: T.Page<R> = await get(`${path}${query({ limit: PAGE_SIZE, cursor })}`);
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return items;
  };
  return { request, get, write, writeJson, listAll };
}

/** Every call the page makes, by the resources of the HTTP contract. All throw `ApiError`. */
export function createApi(options: ApiOptions) {
  const { request, get, write, writeJson, listAll } = createSender(options);
  const run = (modelId: number, runId: number) => `/api/models/${modelId}/runs/${runId}`;

  const models = {
    list: () => listAll<T.TradingModel>("/api/models"),
    create: (input: T.ModelInput) => writeJson<T.TradingModel>("POST", "/api/models", input),
    update: (id: number, input: Partial<T.ModelInput>) =>
      writeJson<T.TradingModel>("PATCH", `/api/models/${id}`, input),
    remove: (id: number) => write("DELETE", `/api/models/${id}`),
    setKey: (id: number, apiKey: string, verify = true) =>
      writeJson<T.KeyState>("PUT", `/api/models/${id}/api-key${verify ? "" : "?verify=false"}`, { api_key: apiKey }),
    /** Asks the provider about the stored key. */
    testKey: (id: number) => get<T.KeyState>(`/api/models/${id}/api-key`),
    removeKey: (id: number) => write("DELETE", `/api/models/${id}/api-key`),
    available: () => get<T.ModelListing>("/api/openrouter/models"),
    rules: (id: number) => listAll<T.ModelRule>(`/api/models/${id}/rules`),
    addRule: (id: number, rule: Pick<T.ModelRule, "name" | "kind" | "params" | "code" | "enabled">) =>
      writeJson<T.ModelRule>("POST", `/api/models/${id}/rules`, rule),
    updateRule: (id: number, ruleId: number, change: { enabled: boolean }) =>
      writeJson<T.ModelRule>("PATCH", `/api/models/${id}/rules/${ruleId}`, change),
    removeRule: (id: number, ruleId: number) => write("DELETE", `/api/models/${id}/rules/${ruleId}`),
  };

  const runs = {
    list: (modelId: number) => listAll<T.Run>(`/api/models/${modelId}/runs`),
    rename: (modelId: number, runId: number, name: string) => writeJson<T.Run>("PATCH", run(modelId, runId), { name }),
    remove: (modelId: number, runId: number) => write("DELETE", run(modelId, runId)),
    import: async (modelId: number, form: FormData, { signal, onProgress }: UploadOptions = {}) => {
      const path = `/api/models/${modelId}/runs/import`;
      try {
        const answer = await request(path, { method: "POST", body: form, signal }, onProgress);
        return (await answer.json()) as { run: T.Run; report: T.ImportReport };
      } catch (error) {
        throw error instanceof ApiError && error.code === "line_cut" ? new ApiError(0, error.code, CUT_OFF) : error;
      }
    },
    preview: async (modelId: number, form: FormData, { signal, onProgress }: UploadOptions = {}) =>
      (await (
        await request(
          `/api/models/${modelId}/runs/import?dry_run=true`,
          { method: "POST", body: form, signal },
          onProgress,
        )
      ).json()) as T.ImportPreview,
    equity: (modelId: number, runId: number, window?: TimeWindow, points = 600) =>
      get<T.Equity>(`${run(modelId, runId)}/equity${query({ points, ...window })}`),
    metrics: (modelId: number, runId: number) => get<T.Metrics>(`${run(modelId, runId)}/metrics`),
    published: (modelId: number, runId: number) => get<T.PublishedFigures>(`${run(modelId, runId)}/published`),
    analysis: (modelId: number, runId: number) => get<T.Analysis>(`${run(modelId, runId)}/analysis?filter_type=all`),
    compare: (ids: readonly number[]) => get<T.RunComparison>(`/api/runs/compare?ids=${ids.join(",")}`),
    trades: ({ modelId, runId }: { modelId: number; runId: number }, { ids, ...rest }: TradeQuery) =>
      get<T.TradePage>(`${run(modelId, runId)}/trades${query({ ids: ids?.join(","), ...rest })}`),
    /** All trades that fit, as a spreadsheet opens them. */
    tradesCsv: async (modelId: number, runId: number, options: TradeFilter & { sort?: string; columns?: string }) =>
      (await request(`${run(modelId, runId)}/trades.csv${query({ ...options })}`)).blob(),
    calendar: (modelId: number, runId: number, year: number | null) =>
      get<T.RunCalendar>(`${run(modelId, runId)}/calendar${query({ year })}`),
    distribution: (modelId: number, runId: number, measure: T.Measure) =>
      get<T.Distribution>(`${run(modelId, runId)}/distribution${query({ measure })}`),
    drawdowns: (modelId: number, runId: number) => get<T.Drawdowns>(`${run(modelId, runId)}/drawdowns`),
    /** Windows of so many trades and days; the server chooses where none is named. */
    rolling: (modelId: number, runId: number, windows: { window?: number; days?: number }) =>
      get<T.Rolling>(`${run(modelId, runId)}/rolling${query(windows)}`),
  };

  const chat = {
    /** `lastEventId` goes on with a stream whose line broke. */
    stream: (modelId: number, runId: number, body: ChatRequest, signal: AbortSignal, lastEventId: string | null) =>
      request(`${run(modelId, runId)}/chat-stream`, {
        method: "POST",
        body: JSON.stringify({ ...body, resume: true }),
        headers: {
          "Content-Type": "application/json",
          Accept: "text/event-stream",
          ...(lastEventId === null ? {} : { "Last-Event-ID": lastEventId }),
        },
        signal,
      }),
    /** `keepalive`: also when the page is about to go away. */
    stop: async (modelId: number, runId: number, requestId: string) =>
      (await (
        await request(`${run(modelId, runId)}/chat-stream/${encodeURIComponent(requestId)}/stop`, {
          method: "POST",
          keepalive: true,
        })
      ).json()) as T.Stopped,
    keep: (modelId: number, runId: number, body: KeepRequest) =>
      writeJson<T.SavedTurn>("POST", `${run(modelId, runId)}/chat-keep`, body),
    /** The newest branch, or the newest through a message. */
    history: (modelId: number, runId: number, sessionId: number | null, messageId: number | null = null) =>
      get<T.ChatHistory>(
        `${run(modelId, runId)}/chat-history${query({ session_id: sessionId, message_id: messageId })}`,
      ),
    /** Of one run or (null) of all; `search` looks for words in titles and messages. */
    search: (search: string, runId: number | null, cursor: string | null, limit = PAGE_SIZE) =>
      get<T.Page<T.ChatSession>>(`/api/chat-sessions${query({ search, run_id: runId, limit, cursor })}`),
    updateSession: (id: number, change: { session_title?: string; pinned?: boolean }) =>
      write("PATCH", `/api/chat-sessions/${id}`, change),
    removeSession: (id: number) => write("DELETE", `/api/chat-sessions/${id}`),
    exportSession: async (id: number, format: "md" | "json") =>
      (await request(`/api/chat-sessions/${id}/export?format=${format}`)).blob(),
    whole: (id: number) => get<T.ExportedChat>(`/api/chat-sessions/${id}/export?format=json`),
  };

  const shares = {
    list: async (sessionId: number) =>
      (await get<T.Page<T.ChatShare>>(`/api/chat-shares${query({ session_id: sessionId })}`)).items,
    create: (sessionId: number, days: number) =>
      writeJson<T.MadeShare>("POST", `/api/chat-sessions/${sessionId}/shares`, { expires_in_days: days }),
    revoke: (id: number) => write("DELETE", `/api/chat-shares/${id}`),
  };

  return { models, runs, chat, shares };
}
