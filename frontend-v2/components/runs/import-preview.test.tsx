import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { EMPTY_DRAFT } from "@/lib/import-form";
import type { ImportCheck, ImportPreview } from "@/lib/types";
import { AlreadyImported } from "./already-imported";
import { ImportPreviewView } from "./import-preview";
import { ImportProgress } from "./import-progress";

const PREVIEW: ImportPreview = {
  format: "csv",
  confidence: "low",
  name: null,
  positions: 0,
  trades: 0,
  skipped_count: 0,
  net_pnl: null,
  first_rows: [],
  warnings: [],
  currency: null,
  timezone: null,
  initial_cash: null,
  strategies: [],
  mapping: { when: null, "<b>at</b>": "price" },
  meanings: ["time", "price"],
  problem: { code: "missing_columns", message: "The table lacks: time.", line: null, column: null },
  already_imported: null,
};

function show(preview: ImportPreview, strategies: string[] = []) {
  const onMeaning = vi.fn();
  const onStrategy = vi.fn();
  const onOption = vi.fn();
  const onMultiplier = vi.fn();
  const props = {
    preview,
    strategies,
    strategy: "",
    mapping: preview.mapping ?? {},
    draft: EMPTY_DRAFT,
    onMeaning,
    onStrategy,
    onOption,
    onMultiplier,
  };
  const view = render(<ImportPreviewView {...props} />);
  return { onMeaning, onStrategy, onOption, onMultiplier, view, props };
}

it("asks what columns mean, and stays open once it is answered", () => {
  const { onMeaning, view, props } = show(PREVIEW);
  expect(screen.getByRole("alert").textContent).toBe("The table lacks: time.");
  fireEvent.change(screen.getByLabelText("Meaning of when"), { target: { value: "time" } });
  fireEvent.change(screen.getByLabelText("Meaning of <b>at</b>"), { target: { value: "" } });
  expect(onMeaning.mock.calls).toEqual([
    ["when", "time"],
    ["<b>at</b>", null],
  ]);
  view.rerender(<ImportPreviewView {...props} preview={{ ...PREVIEW, confidence: "medium", problem: null }} />);
  expect(screen.getByTestId("import-mapping").hasAttribute("open")).toBe(true);
});

it("shows the first rows and lets a strategy be chosen", () => {
  const row = { ts: "2024-01-01T00:00:00Z", action: "buy", symbol: "A", quantity: 1, price: 10, fees: 0 };
  const rows = [{ ...row, realized_pnl: null, trade_ref: null, tag: null }];
  const { onStrategy } = show({ ...PREVIEW, problem: null, mapping: null, trades: 3, first_rows: rows }, ["A", "B"]);
  expect(screen.getByRole("table").textContent).toContain("2024-01-01");
  expect(screen.queryByTestId("import-mapping")).toBeNull();
  fireEvent.change(screen.getByTestId("import-strategy-choice"), { target: { value: "B" } });
  expect(onStrategy).toHaveBeenCalledWith("B");
});

it("what differs from the file stands first, what agrees is folded, and an offered multiplier is a click away", () => {
  const checks: ImportCheck[] = [
    { what: "fees", outcome: "agrees", message: "Fees add up." },
    { what: "pnl", outcome: "differs", message: "P&L differs by 12.00." },
    { what: "multiplier", outcome: "offered", message: "50 would fit.", symbol: "ES", multiplier: 50 },
  ];
  const questions = [
    { field: "multipliers", message: "What is a point of ES worth?", symbol: "ES" },
    { field: "date_order", message: "Is 03/04 in March or April?" },
    { field: "account", message: "Which account?", choices: ["A", "B"] },
  ];
  const { onOption, onMultiplier } = show({ ...PREVIEW, problem: null, checks, questions });
  expect(screen.getAllByTestId("import-check").map((line) => line.dataset.outcome)).toEqual([
    "differs",
    "offered",
    "agrees",
  ]);
  expect(screen.getByText("1 statement agrees with what was read")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Use 50" }));
  fireEvent.change(screen.getByTestId("import-multiplier"), { target: { value: "5" } });
  expect(onMultiplier.mock.calls).toEqual([
    ["ES", "50"],
    ["ES", "5"],
  ]);
  fireEvent.change(screen.getByTestId("import-answer-date_order"), { target: { value: "month" } });
  fireEvent.change(screen.getByTestId("import-answer-account"), { target: { value: "B" } });
  expect(onOption.mock.calls).toEqual([
    ["date_order", "month"],
    ["account", "B"],
  ]);
});

it("progress has a value while bytes leave and rows are counted, and none where nobody can tell", () => {
  const { rerender } = render(<ImportProgress progress={{ sent: 1, total: 4 }} doing="Reading the rows" />);
  const bar = screen.getByRole("progressbar");
  expect(bar.getAttribute("aria-valuenow")).toBe("25");
  rerender(<ImportProgress progress={{ sent: 4, total: 4 }} doing="Reading the rows" />);
  expect(bar.hasAttribute("aria-valuenow")).toBe(false);
  expect(screen.getByRole("status").textContent).toBe("Reading the rows");
  rerender(<ImportProgress progress={{ stage: "saving", rows: 300, total: 1000 }} doing="" />);
  expect(bar.getAttribute("aria-valuenow")).toBe("30");
  expect(bar.getAttribute("aria-valuetext")).toBe("Saving rows: 300 of 1,000");
  expect(screen.getByRole("status").textContent).toBe("Saving rows");
});

it("names the run that has the file and opens it", () => {
  const onOpen = vi.fn();
  render(<AlreadyImported run={{ run_id: 9, run_number: 2, name: "May" }} onOpen={onOpen} />);
  expect(screen.getByRole("status").textContent).toContain("run #2, “May”");
  fireEvent.click(screen.getByRole("button"));
  expect(onOpen).toHaveBeenCalledOnce();
});
