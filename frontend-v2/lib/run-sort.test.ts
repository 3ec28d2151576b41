import { describe, expect, it } from "vitest";
import { nextSort, sortRuns, type RunColumn } from "./run-sort";
import type { Run } from "./types";

const run = (id: number, model_name: string, total_pnl: number | null) =>
  ({ id, run_number: id, model_name, summary: { total_pnl } }) as Run;
const RUNS = [run(1, "b", -5), run(2, "A", null), run(3, "c", 30), run(4, "b", 0)];

describe("sortRuns", () => {
  it.each<[RunColumn, boolean, number[]]>([
    ["pnl", true, [3, 4, 1, 2]],
    ["pnl", false, [1, 4, 3, 2]],
    ["model", false, [2, 1, 4, 3]],
    ["model", true, [3, 1, 4, 2]],
    ["run", true, [4, 3, 2, 1]],
  ])("by %s, descending: %j", (column, descending, ids) =>
    expect(sortRuns(RUNS, { column, descending }).map(({ id }) => id)).toEqual(ids),
  );

  it("a column chosen twice turns round", () => {
    const first = nextSort({ column: "imported", descending: true }, "pnl");
    expect(first).toEqual({ column: "pnl", descending: true });
    expect(nextSort(first, "pnl")).toEqual({ column: "pnl", descending: false });
    expect(nextSort(first, "model").descending).toBe(false);
  });
});
