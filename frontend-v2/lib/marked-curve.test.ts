import { describe, expect, it } from "vitest";
import { markedCurve } from "./marked-curve";
import type { EquityPoint, Trade } from "./types";

const point = (day: number, equity: number): EquityPoint => ({ t: `2025-01-0${day}T00:00:00Z`, equity, drawdown: 0 });
const trade = (opened_at: string, closed_at: string | null) => ({ trade_id: 1, opened_at, closed_at }) as Trade;
const POINTS = [point(1, 100), point(3, 200), point(5, 100)];

describe("markedCurve", () => {
  it("needs two points", () => {
    expect(markedCurve([], [], 100, 50)).toBeNull();
    expect(markedCurve([point(1, 5)], [], 100, 50)).toBeNull();
  });

  it("marks lie on the line, between points too", () => {
    const curve = markedCurve(POINTS, [trade("2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z")], 100, 50);
    expect(curve?.path).toBe("M0 42L50 8L100 42");
    expect(curve?.marks[0]).toMatchObject({ from: { x: 25, y: 25 }, to: { x: 50, y: 8 } });
  });

  it("an open trade reaches to the end, and one from outside stays within the box", () => {
    const curve = markedCurve(POINTS, [trade("2024-01-01T00:00:00Z", null)], 100, 50);
    expect(curve?.marks[0]).toMatchObject({ from: { x: 0, y: 42 }, to: { x: 100, y: 42 } });
  });

  it("a flat curve is a line, not a division by zero", () => {
    expect(markedCurve([point(1, 7), point(2, 7)], [], 100, 50)?.path).toBe("M0 42L100 42");
  });
});
