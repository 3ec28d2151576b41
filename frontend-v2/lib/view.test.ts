import { expect, it } from "vitest";
import { changeView, DASHBOARD, sameConversation, searchFromView, viewFromSearch } from "./view";

it.each([
  ["", DASHBOARD],
  ["?run=x", DASHBOARD],
  ["?session=3", DASHBOARD],
  ["?run=5", { run: 5, session: null, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=3", { run: 5, session: 3, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=new&tab=overview", { run: 5, session: "new", message: null, tab: "overview", filter: "" }],
  ["?run=5&tab=trades&trades=hour%3D3", { run: 5, session: null, message: null, tab: "trades", filter: "hour=3" }],
  ["?run=5&tab=sideways", { run: 5, session: null, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=3&message=9", { run: 5, session: 3, message: 9, tab: "chat", filter: "" }],
  ["?run=5&session=new&message=9", { run: 5, session: "new", message: null, tab: "chat", filter: "" }],
  ["?run=5&session=-1", { run: 5, session: null, message: null, tab: "chat", filter: "" }],
])("%j", (search, view) => expect(viewFromSearch(search)).toEqual(view));

it("an address says the same when written again", () => {
  for (const search of [
    "",
    "?run=5",
    "?run=5&session=3",
    "?run=5&session=3&message=9",
    "?run=5&session=new&tab=overview",
    "?run=5&tab=trades&trades=hour%3D3",
  ])
    expect(searchFromView(viewFromSearch(search))).toBe(search);
});

it("a message is left with its conversation, and another one is another place", () => {
  const found = viewFromSearch("?run=5&session=3&message=9");
  expect(changeView(found, { tab: "trades" }).message).toBe(9);
  expect(changeView(found, { session: 3 }).message).toBeNull();
  expect(changeView(found, { run: 6 }).message).toBeNull();
  expect(sameConversation(found, changeView(found, { tab: "overview" }))).toBe(true);
  expect(sameConversation(found, changeView(found, { session: 3, message: 12 }))).toBe(false);
  expect(sameConversation(found, { ...found, message: null })).toBe(true);
});
