import { expect, test } from "vitest";
import { latestFirst } from "./order";

test("the latest moment comes first, also within a second and where one has no fraction", () => {
  const moments = [
    "2026-03-02T09:00:00+00:00",
    "2026-03-02T09:00:00.25+00:00",
    "2025-12-31T23:59:59.999999+00:00",
    "2026-03-02T09:00:00.3+00:00",
    "2026-10-01T00:00:00+00:00",
  ];
  expect(moments.sort(latestFirst)).toEqual([
    "2026-10-01T00:00:00+00:00",
    "2026-03-02T09:00:00.3+00:00",
    "2026-03-02T09:00:00.25+00:00",
    "2026-03-02T09:00:00+00:00",
    "2025-12-31T23:59:59.999999+00:00",
  ]);
  expect(latestFirst(moments[0]!, moments[0]!)).toBe(0);
});
