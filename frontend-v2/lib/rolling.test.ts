import { expect, test } from "vitest";
import { curveOf, endsOf, formatRolling, pointsOf, type RollingPoint } from "./rolling";
import type { Rolling } from "./types";

const at = (second: number, value: number | null): RollingPoint => ({
  t: new Date(second * 1000).toISOString(),
  since: "1970-01-01T00:00:00Z",
  value,
});

test("of trades closed in the same second the last one stands, and what is unknown breaks the line", () => {
  expect(curveOf([at(5, 1), at(5.4, 2), at(9, null)])).toEqual([
    { time: 5, value: 2 },
    { time: 9, value: null },
  ]);
});

test("the ends are of what is known", () => {
  const ends = endsOf([at(1, null), at(2, 3), at(3, -4), at(4, 0)]);
  expect([ends?.highest.value, ends?.lowest.value]).toEqual([3, -4]);
  expect(endsOf([at(1, null)])).toBeNull();
});

test("each figure is read from its own points and shown in its unit", () => {
  const moment = { t: "2025-01-02T00:00:00Z", since: "2025-01-01T00:00:00Z" };
  const rolling = {
    trades: { points: [{ ...moment, trade_id: 1, win_rate: 50, expectancy: -2, profit_factor: null }] },
    days: { points: [{ ...moment, sharpe: 1.5 }] },
  } as unknown as Rolling;
  const shown = (["win_rate", "expectancy", "profit_factor", "sharpe"] as const).map((figure) =>
    formatRolling(figure, pointsOf(rolling, figure)[0]?.value ?? null, "USD"),
  );
  expect(shown).toEqual(["50.0%", "−2.00 USD", "–", "1.50"]);
});
