import { describe, expect, it } from "vitest";
import { questionOfBin, questionOfDrawdown, questionOfRow } from "./questions";
import { closedOn, filterOfAnalysisRow, filterOfRow, inBin, justAfter, sortOfEvidence } from "./trade-choices";
import { filterFromText, textFromFilter } from "./trade-filter";
import { chipsOf } from "./filter-chips";
import type { Analysis } from "./types";
import type { BreakdownRow } from "./types";

describe("a filter in the address", () => {
  it("comes back as it was, without what is none", () => {
    const filter = { symbol: "BTC/USDT", hour: "3", low: "-1.5", measure: "net_pnl" };
    expect(filterFromText(textFromFilter(filter))).toEqual(filter);
    expect(filterFromText("symbol=A&limit=1&cursor=x")).toEqual({ symbol: "A" });
    expect(textFromFilter({})).toBe("");
  });

  it("names a day over the ends of months and years", () => {
    expect(closedOn("2024-02-28")).toEqual({ closed_from: "2024-02-28", closed_to: "2024-02-29" });
    expect(closedOn("2024-12-31").closed_to).toBe("2025-01-01");
    expect(justAfter("2024-12-31T23:59:59.999Z")).toBe("2025-01-01T00:00:00.000Z");
  });

  it("leaves an open bin open", () => {
    const bin = { low: null, high: -10, trade_count: 2, net_pnl: -40 };
    expect(inBin("net_pnl", bin)).toEqual({ status: "closed", measure: "net_pnl", high: "-10" });
    expect(questionOfBin("net_pnl", bin)).toContain("below −10.00");
  });

  it.each([
    ["hour", "03", { status: "closed", dimension: "hour", key: "03" }],
    ["holding_time", "1–4 h", { status: "closed", dimension: "holding_time", key: "1–4 h" }],
    ["tag", "(others)", null],
  ])("of row %s %s", (dimension, key, expected) => expect(filterOfRow(dimension, key)).toEqual(expected));
});

describe("chips", () => {
  it("say each condition once and what goes with them", () => {
    const chips = chipsOf({ ...closedOn("2025-11-03"), measure: "return_pct", low: "-5", high: "0", result: "loss" });
    expect(chips.map((chip) => chip.text)).toEqual(["Closed on 2025-11-03 (UTC)", "Return pct −5.0% to 0.0%"]);
    expect(chips.map((chip) => chip.names)).toEqual([
      ["closed_from", "closed_to"],
      ["measure", "low", "high"],
    ]);
    expect(chipsOf({ closed_from: "2025-11-03T10:00:00.001Z" })[0]?.text).toBe("Closed from 2025-11-03 10:00 UTC");
  });
});

describe("questions", () => {
  it("name what is asked about", () => {
    const row = { key: "03", net_pnl: -12, trade_count: 4 } as BreakdownRow;
    expect(questionOfRow("hour", row, "USD")).toBe(
      "Why did trades opened in hour 03 UTC lose 12.00 USD, and how do they differ from the rest?",
    );
    const period = {
      rank: 1,
      peak_at: "2025-01-01T00:00:00Z",
      trough_at: "2025-01-09T12:00:00Z",
      recovered_at: null,
      depth_pct: null,
      depth: -50,
      days_down: 8.5,
      days_under_water: 10,
      trade_count: 3,
      net_pnl: -50,
    };
    expect(questionOfDrawdown(period, "USD")).toContain(
      "drawdown of −50.00 USD from 2025-01-01 00:00 to 2025-01-09 12:00",
    );
  });

  it.each([
    [
      { filter_type: "losers", criteria: null },
      { filter_type: "losers", dimension: "hour", key: "13" },
    ],
    [
      { filter_type: "hour", criteria: 13 },
      { filter_type: "hour", criteria: "13", dimension: "hour", key: "13" },
    ],
    [{ filter_type: "hour", criteria: { from: 1 } }, null],
    [undefined, null],
  ])("of a row of an analysis that chose by %o", (filter, expected) =>
    expect(filterOfAnalysisRow({ filter } as Analysis, "hour", "13")).toEqual(expected),
  );

  it("says in words which trades are behind a figure, and lists the wins of it largest first", () => {
    const behind = { filter_type: "symbol", criteria: "BTC", complement: "true", dimension: "weekday", key: "Monday" };
    expect(chipsOf(behind).map((chip) => chip.text)).toEqual(["All but: Symbol BTC", "Opened on a Monday (UTC)"]);
    expect(chipsOf({ filter_type: "losers" }).map((chip) => chip.text)).toEqual(["Losers"]);
    expect([{ result: "win" }, { filter_type: "losers" }, {}].map(sortOfEvidence)).toEqual([
      "-net_pnl",
      "net_pnl",
      "net_pnl",
    ]);
  });
});
