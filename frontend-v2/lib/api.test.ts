import { expect, it, vi } from "vitest";
import { ApiError, createApi } from "./api";

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(value), { status, headers });

function setUp(...answers: (Response | Error | DOMException)[]) {
  const send = vi.fn<typeof fetch>(async () => {
    const next = answers.shift();
    if (next && !(next instanceof Response)) throw next;
    return next ?? json({ items: [], next_cursor: null });
  });
  const getToken = vi.fn(async (fresh?: boolean) => (fresh ? "fresh" : "old"));
  const onExpired = vi.fn();
  return { api: createApi({ getToken, onExpired, fetch: send }), send, onExpired };
}

const bearer = (send: ReturnType<typeof setUp>["send"], call: number) =>
  new Headers(send.mock.calls[call]?.[1]?.headers).get("Authorization");

it("a refused token is refreshed once and the request sent again", async () => {
  const { api, send, onExpired } = setUp(json({}, 401), json({ items: [{ id: 1 }], next_cursor: null }));
  expect(await api.models.list()).toEqual([{ id: 1 }]);
  expect([bearer(send, 0), bearer(send, 1)]).toEqual(["Bearer old", "Bearer fresh"]);
  expect(onExpired).not.toHaveBeenCalled();
});

it("a fresh token that is refused too ends the session", async () => {
  const { api, onExpired } = setUp(json({}, 401), json({ detail: "Sign in.", code: "unauthorized" }, 401));
  await expect(api.models.list()).rejects.toMatchObject({ status: 401, message: "Sign in." });
  expect(onExpired).toHaveBeenCalledOnce();
});

it("lists follow their cursors to the end", async () => {
  const { api, send } = setUp(json({ items: [1, 2], next_cursor: "a b" }), json({ items: [3], next_cursor: null }));
  expect(await api.runs.list(7)).toEqual([1, 2, 3]);
  expect(send.mock.calls.map(([url]) => url)).toEqual([
    "/api/models/7/runs?limit=100",
    "/api/models/7/runs?limit=100&cursor=a+b",
  ]);
});

it("a problem carries its code, sentence, lines and wait", async () => {
  const problem = {
    title: "T",
    detail: "Line 3 is broken.",
    code: "unreadable",
    errors: [{ line: 3, why: "no price" }],
  };
  const { api } = setUp(json(problem, 422, { "Retry-After": "7" }));
  const error = await api.runs.import(1, new FormData()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    code: "unreadable",
    message: "Line 3 is broken.",
    errors: problem.errors,
    retryAfter: 7,
  });
});

it("an answer that is no JSON still gives a sentence", async () => {
  const { api } = setUp(new Response("<html>bad gateway</html>", { status: 502 }));
  await expect(api.models.list()).rejects.toMatchObject({ code: "http_502", message: "The server answered 502." });
});

it("a server that can't be reached is named as such, and an aborted request stays one", async () => {
  const { api } = setUp(new TypeError("fetch failed"), new DOMException("stopped", "AbortError"));
  await expect(api.models.list()).rejects.toMatchObject({ code: "network", status: 0 });
  await expect(api.models.list()).rejects.toMatchObject({ name: "AbortError" });
});
