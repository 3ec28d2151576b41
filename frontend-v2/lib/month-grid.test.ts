import { expect, it } from "vitest";
import { weeksOf } from "./month-grid";

it.each([
  ["2024-01", 5, 0, 31], // begins on a Monday
  ["2024-02", 5, 3, 29], // a leap year
  ["2021-02", 4, 0, 28], // fills four weeks exactly
  ["2023-10", 6, 6, 31], // begins on a Sunday
])("%s has %i weeks, begins at place %i and has %i days", (month, weeks, offset, days) => {
  const grid = weeksOf(month);
  expect(grid).toHaveLength(weeks);
  expect(grid.every((week) => week.length === 7)).toBe(true);
  expect(grid[0]?.indexOf(`${month}-01`)).toBe(offset);
  expect(grid.flat().filter((day) => day !== null)).toHaveLength(days);
});
