import { expect, it } from "vitest";
import { DASHBOARD, searchFromView, viewFromSearch } from "./view";

it.each([
  ["", DASHBOARD],
  ["?run=x", DASHBOARD],
  ["?session=3", DASHBOARD],
  ["?run=5", { run: 5, session: null, tab: "chat" }],
  ["?run=5&session=3", { run: 5, session: 3, tab: "chat" }],
  ["?run=5&session=new&tab=overview", { run: 5, session: "new", tab: "overview" }],
  ["?run=5&session=-1", { run: 5, session: null, tab: "chat" }],
])("%j", (search, view) => expect(viewFromSearch(search)).toEqual(view));

it("an address says the same when written again", () => {
  for (const search of ["", "?run=5", "?run=5&session=3", "?run=5&session=new&tab=overview"])
    expect(searchFromView(viewFromSearch(search))).toBe(search);
});
