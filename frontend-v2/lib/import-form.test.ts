import { expect, it } from "vitest";
import { ApiError } from "./api";
import {
  cancelledText,
  EMPTY_DRAFT,
  importedBefore,
  importForm,
  isPastCancelling,
  progressShare,
  progressText,
  shownMapping,
  stageText,
  strategiesOf,
  withMeaning,
} from "./import-form";
import type { ImportPreview } from "./types";
import type { Watched } from "./upload";

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
  const form = importForm(file, { options: { name: " My run ", currency: "  " }, mapping: {}, multipliers: {} });
  expect([...form.keys()]).toEqual(["file", "name"]);
  expect(form.get("name")).toBe("My run");
  const full = importForm(file, { options: {}, mapping: { When: "time", Note: null }, multipliers: {} }, true);
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
  [null, "Reading the rows", null],
  [{ sent: 0, total: 0 }, "Uploading: 0 kB", null],
  [{ sent: 500_000, total: 2_000_000 }, "Uploading: 500 kB of 2.0 MB", 0.25],
  [{ sent: 2_000_000, total: 2_000_000 }, "Reading the rows", null],
  [{ stage: "waiting", rows: 0, total: null }, "Waiting for another import to end", null],
  [{ stage: "reading", rows: 0, total: null }, "Reading rows", null],
  [{ stage: "reading", rows: 250_000, total: null }, "Reading rows: 250,000", null],
  [{ stage: "reading", rows: 8_192, total: 60_000 }, "Reading rows: 8,192 of 60,000", 8_192 / 60_000],
  [{ stage: "converting", rows: 0, total: 10 }, "Checking rows: 0 of 10", 0],
  [{ stage: "computing", rows: 10, total: 10 }, "Computing the figures", null],
  [{ stage: "saving", rows: 300_000, total: 1_000_000 }, "Saving rows: 300,000 of 1,000,000", 0.3],
  [{ stage: "storing", rows: 1_000, total: 1_000 }, "Storing 1,000 rows in the database", null],
  [{ stage: "of a later server", rows: 1, total: 2 }, "Reading the rows", null],
])("progress %o", (progress, text, share) => {
  expect(progressText(progress, "Reading the rows")).toBe(text);
  expect(progressShare(progress)).toBe(share);
});

it("what is read out changes with the stage and not with the count", () => {
  const said = (progress: Watched): string => stageText(progress, "Importing");
  expect(said({ sent: 1, total: 9 })).toBe(said({ sent: 8, total: 9 }));
  for (const stage of ["reading", "converting", "saving", "storing"]) {
    expect(said({ stage, rows: 1, total: 9 })).toBe(said({ stage, rows: 8, total: 9 }));
    expect(said({ stage, rows: 1, total: 9 })).not.toMatch(/\d/);
  }
});

it("an import is cancelled without a trace until its rows are saved", () => {
  const at = (stage: string) => ({ stage, rows: 1, total: 2 });
  expect([null, { sent: 1, total: 2 }, at("waiting"), at("converting")].map(cancelledText)).toEqual(
    Array(4).fill("Import cancelled. Nothing was saved."),
  );
  expect(cancelledText(at("saving"))).toContain("If all had been sent, the run is in the list");
  expect([null, { sent: 2, total: 2 }, at("saving"), at("storing")].map(isPastCancelling)).toEqual([
    false,
    false,
    false,
    true,
  ]);
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

it("sends the answers to what the file leaves open; of multipliers those that are numbers above zero", () => {
  const multipliers = { MNQ: "2", MES: " 5,5 ", ES: "", CL: "-1", GC: "x" };
  const options = { date_order: "day", long_only: "false", account: "U1" };
  const form = importForm(file, { options, mapping: {}, multipliers });
  expect(JSON.parse(form.get("multipliers") as string)).toEqual({ MNQ: 2, MES: 5.5 });
  expect([form.get("date_order"), form.get("long_only"), form.get("account")]).toEqual(["day", "false", "U1"]);
});
