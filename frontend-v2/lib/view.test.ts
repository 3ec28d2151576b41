import { expect, it } from "vitest";
import { DASHBOARD, searchFromView, viewFromSearch } from "./view";

it.each([
  ["", DASHBOARD],
  ["?run=x", DASHBOARD],
  ["?session=3", DASHBOARD],
  ["?run=5", { run: 5, session: null, tab: "chat", filter: "" }],
  ["?run=5&session=3", { run: 5, session: 3, tab: "chat", filter: "" }],
  ["?run=5&session=new&tab=overview", { run: 5, session: "new", tab: "overview", filter: "" }],
  ["?run=5&tab=trades&trades=hour%3D3", { run: 5, session: null, tab: "trades", filter: "hour=3" }],
  ["?run=5&tab=sideways", { run: 5, session: null, tab: "chat", filter: "" }],
  ["?run=5&session=-1", { run: 5, session: null, tab: "chat", filter: "" }],
])("%j", (search, view) => expect(viewFromSearch(search)).toEqual(view));

it("an address says the same when written again", () => {
  for (const search of [
    "",
    "?run=5",
    "?run=5&session=3",
    "?run=5&session=new&tab=overview",
    "?run=5&tab=trades&trades=hour%3D3",
  ])
    expect(searchFromView(viewFromSearch(search))).toBe(search);
});
