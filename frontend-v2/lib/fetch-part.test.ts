// @vitest-environment jsdom

import { afterEach, expect, it, vi } from "vitest";
import { connectionNow, reportAnswer } from "./connection";
import { fetchPart } from "./fetch-part";

afterEach(() => {
  vi.unstubAllGlobals();
  reportAnswer(true);
});

it("a part is waited for while the line is gone, and comes when it is back", async () => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("failed")));
  const load = vi.fn().mockRejectedValueOnce(new Error("chunk")).mockResolvedValue("part");
  const coming = fetchPart<string>(load);
  await vi.waitFor(() => expect(connectionNow()).toBe("unreachable"));
  expect(load).toHaveBeenCalledTimes(1);
  // The listener is there one turn after the report.
  await Promise.resolve();
  window.dispatchEvent(new Event("online"));
  expect(await coming).toBe("part");
});

it("a part that the server has no more is an error", async () => {
  vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response("ok")));
  const load = vi.fn().mockRejectedValue(new Error("chunk"));
  await expect(fetchPart(load)).rejects.toThrow("chunk");
  expect(load).toHaveBeenCalledTimes(2);
});
