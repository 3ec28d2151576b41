import { expect, it } from "vitest";
import { ApiError } from "./api";
import {
  EMPTY_DRAFT,
  importedBefore,
  importForm,
  progressShare,
  progressText,
  shownMapping,
  strategiesOf,
  withMeaning,
} from "./import-form";
import type { ImportPreview } from "./types";

const file = new File(["a,b"], "run.csv");
const preview = (change: Partial<ImportPreview>): ImportPreview => ({
  format: "csv",
  confidence: "medium",
  name: "run",
  positions: 2,
  trades: 1,
  skipped_count: 0,
  net_pnl: 1,
  first_rows: [],
  warnings: [],
  currency: "USD",
  timezone: "UTC",
  initial_cash: null,
  strategies: [],
  mapping: null,
  meanings: [],
  problem: null,
  already_imported: null,
  ...change,
});

it("sends only what was said", () => {
  const form = importForm(file, { options: { name: " My run ", currency: "  " }, mapping: {} });
  expect([...form.keys()]).toEqual(["file", "name"]);
  expect(form.get("name")).toBe("My run");
  const full = importForm(file, { options: {}, mapping: { When: "time", Note: null } }, true);
  expect(JSON.parse(full.get("mapping") as string)).toEqual({ When: "time", Note: null });
  expect(full.get("again")).toBe("true");
});

it("a meaning serves one column: giving it to another takes it away", () => {
  const shown = { Price: "price", Fill: null, Qty: "quantity" };
  const draft = withMeaning(EMPTY_DRAFT, shown, "Fill", "price");
  expect(draft.mapping).toEqual({ Price: null, Fill: "price" });
  expect(shownMapping(preview({ mapping: shown }), draft)).toEqual({ Price: null, Fill: "price", Qty: "quantity" });
  expect(withMeaning(draft, shown, "Qty", null).mapping).toEqual({ Price: null, Fill: "price", Qty: null });
  expect(EMPTY_DRAFT.mapping).toEqual({});
});

it("strategies stay to choose from once one is chosen", () => {
  expect(strategiesOf(preview({ strategies: ["A", "B"] }), [])).toEqual(["A", "B"]);
  expect(strategiesOf(preview({ strategies: ["B"] }), ["A", "B"])).toEqual(["A", "B"]);
  expect(strategiesOf(preview({ strategies: ["C"] }), ["A", "B"])).toEqual(["C"]);
});

it.each([
  [null, "", null],
  [{ sent: 0, total: 0 }, "Uploading: 0 kB", null],
  [{ sent: 500_000, total: 2_000_000 }, "Uploading: 500 kB of 2.0 MB", 0.25],
  [{ sent: 2_000_000, total: 2_000_000 }, "Reading the rows", null],
])("progress %o", (progress, text, share) => {
  expect(progressText(progress, "Reading the rows")).toBe(text);
  expect(progressShare(progress)).toBe(share);
});

it("knows the run a file was imported as", () => {
  const item = { why: "already imported", run_id: 7, run_number: 3, name: "May" };
  expect(importedBefore(new ApiError(409, "already_imported", "x", [item]))).toEqual({
    run_id: 7,
    run_number: 3,
    name: "May",
  });
  expect(importedBefore(new ApiError(409, "conflict", "x", [item]))).toBeNull();
  expect(importedBefore(new Error("x"))).toBeNull();
});
