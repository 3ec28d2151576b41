// @vitest-environment jsdom

import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { createApi } from "./api";
import { reportAnswer, useConnection } from "./connection";

afterEach(() => {
  vi.restoreAllMocks();
  reportAnswer(true);
});

it("a request that gets no answer says so, and any answer takes it back", async () => {
  const { result } = renderHook(() => useConnection());
  const send = vi.fn<typeof fetch>().mockRejectedValueOnce(new TypeError("failed"));
  send.mockResolvedValue(new Response("{}", { status: 404 }));
  const api = createApi({ getToken: () => Promise.resolve("t"), onExpired: () => undefined, fetch: send });
  await act(() => api.runs.metrics(1, 1).catch(() => undefined));
  expect(result.current).toBe("unreachable");
  await act(() => api.runs.metrics(1, 1).catch(() => undefined));
  expect(result.current).toBe("online");
});

it("a machine without a network is offline, not the server", () => {
  const { result } = renderHook(() => useConnection());
  const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  act(() => void window.dispatchEvent(new Event("offline")));
  expect(result.current).toBe("offline");
  line.mockReturnValue(true);
  act(() => void window.dispatchEvent(new Event("online")));
  expect(result.current).toBe("online");
});
