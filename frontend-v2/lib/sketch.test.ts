import { nearest, sketchOf } from "./sketch";
import type { EquityPoint } from "./types";

const at = (day: number, equity: number, drawdown = 0): EquityPoint => ({
  t: `2025-03-0${day}T00:00:00Z`,
  equity,
  drawdown,
});

describe("a sketch of the equity", () => {
  it("needs two points", () => {
    expect(sketchOf([])).toBeNull();
    expect(sketchOf([at(1, 100)])).toBeNull();
  });

  it("places points by time and value, with room above and below", () => {
    const sketch = sketchOf([at(1, 100), at(2, 120), at(5, 90, -25)]);
    expect(sketch?.x).toEqual([0, 25, 100]);
    expect(sketch?.y).toEqual([64, 8, 92]);
    expect(sketch).toMatchObject({ low: 90, high: 120, deepest: -25, line: "M0 64L25 8L100 92" });
    expect(sketch?.water).toBe("M0 0L25 0L100 96L100 0L0 0Z");
  });

  it("draws a flat run as a line", () => {
    const sketch = sketchOf([at(1, 100), at(2, 100)]);
    expect(sketch?.y).toEqual([92, 92]);
    expect(sketch?.water).not.toContain("NaN");
  });
});

describe("the nearest place", () => {
  it.each([
    [-5, 0],
    [12, 0],
    [13, 1],
    [70, 2],
    [400, 2],
  ])("to %d is no. %d", (to, index) => expect(nearest([0, 25, 100], to)).toBe(index));

  it("is the only one there is", () => expect(nearest([7], 50)).toBe(0));
});
