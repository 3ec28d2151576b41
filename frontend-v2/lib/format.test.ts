import { describe, expect, it } from "vitest";
import * as format from "./format";

describe("format", () => {
  it.each<[string, string]>([
    [format.formatMoney(-1234.5, "USDT"), "−1,234.50 USDT"],
    [format.formatMoney(null, "USDT"), "–"],
    [format.formatMoney(Number.NaN), "–"],
    [format.formatNumber(-0), "0.00"],
    [format.formatSigned(3.1, 2, "%"), "+3.10%"],
    [format.formatSigned(0, 2, "%"), "0.00%"],
    [format.formatSigned(null, 2, "%"), "–"],
    [format.formatPct(-8.2), "−8.20%"],
    [format.formatPrice(0.00001234), "0.00001234"],
    [format.formatPrice(64210.5), "64,210.50"],
    [format.formatDuration(45), "45 s"],
    [format.formatDuration(5400), "1.5 h"],
    [format.formatDuration(259200), "3.0 d"],
    [format.formatMilliseconds(0.4), "<1 ms"],
    [format.formatMilliseconds(2300), "2.3 s"],
    [format.formatCost(0.0061), "$0.0061"],
    [format.formatCost(0.00042), "$0.00042"],
    [format.formatCost(1.5), "$1.50"],
    [format.formatCost(0), "$0.00"],
    [format.formatCost(null), ""],
    [format.formatNumber(-1234567.891, 2, "de-DE"), "−1.234.567,89"],
    [format.formatNumber(1234567.891, 1, "en-IN"), "12,34,567.9"],
    [format.formatNumber(-0.001), "0.00"],
    [format.formatSigned(-0.004), "0.00"],
    [format.formatUtc("2025-03-04T13:00:00Z"), "2025-03-04 13:00"],
    [format.formatUtc("2025-03-04T13:00:00Z", false), "2025-03-04"],
    [format.formatUtc(null), "–"],
    [format.formatTime("2025-03-04T20:00:00Z", true, { locale: "de-DE", timeZone: "Asia/Tokyo" }), "05.03.2025, 05:00"],
    [format.formatTime("2025-03-04T20:00:00Z", false, { locale: "en-GB", timeZone: "UTC" }), "4 Mar 2025"],
    [format.formatTime(null), "–"],
    [format.formatTime("soon"), "soon"],
    [format.formatFigure(62.04, "pct"), "62.04%"],
    [format.formatFigure(null, "money"), "–"],
    [format.formatFigure("2025-03-04T13:00:00Z", "time"), format.formatTime("2025-03-04T13:00:00Z")],
    [format.labelOf("net_pnl"), "Net P&L"],
    [format.labelOf("max_drawdown_money"), "Max drawdown money"],
    [format.labelOf("expectancy_r"), "Expectancy R"],
    [format.formatQuoted("-7,651.68 USDT"), "−7,651.68 USDT"],
    [format.formatQuoted("$-3.50"), "$−3.50"],
    [format.formatQuoted("2025-11-02"), "2025-11-02"],
    [format.formatCompact(-1406.06), "−1.41K"],
    [format.formatCompact(-1406.06, true), "−1.4K"],
    [format.formatCompact(552.4, true), "552"],
    [format.plural(1, "trade"), "1 trade"],
    [format.plural(1200, "trade"), "1,200 trades"],
  ])("%s", (shown, expected) => expect(shown).toBe(expected));

  it("ages in words, then in dates", () => {
    const now = new Date("2025-03-04T13:00:00Z");
    expect(format.formatAgo("2025-03-04T12:59:40Z", now)).toBe("just now");
    expect(format.formatAgo("2025-03-04T12:30:00Z", now)).toBe("30 min ago");
    expect(format.formatAgo("2025-03-01T12:30:00Z", now)).toBe(format.formatTime("2025-03-01T12:30:00Z", false));
  });
});
