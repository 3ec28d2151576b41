import { expect, it } from "vitest";
import { changeView, FIRST_VIEW, runOf, sameConversation, searchFromView, toPage, toRun, viewFromSearch } from "./view";

const RUN_5 = { page: "run", subject: { kind: "run", id: 5 } } as const;

it.each([
  ["", FIRST_VIEW],
  ["?run=x", FIRST_VIEW],
  ["?session=3", FIRST_VIEW],
  ["?page=run", FIRST_VIEW],
  ["?page=nowhere", FIRST_VIEW],
  ["?run=5", { ...RUN_5, session: null, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=3", { ...RUN_5, session: 3, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=new&tab=overview", { ...RUN_5, session: "new", message: null, tab: "overview", filter: "" }],
  ["?run=5&tab=trades&trades=hour%3D3", { ...RUN_5, session: null, message: null, tab: "trades", filter: "hour=3" }],
  ["?run=5&tab=sideways", { ...RUN_5, session: null, message: null, tab: "chat", filter: "" }],
  ["?run=5&session=3&message=9", { ...RUN_5, session: 3, message: 9, tab: "chat", filter: "" }],
  ["?run=5&session=new&message=9", { ...RUN_5, session: "new", message: null, tab: "chat", filter: "" }],
  ["?run=5&session=-1", { ...RUN_5, session: null, message: null, tab: "chat", filter: "" }],
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
  expect(changeView(found, toRun(6)).message).toBeNull();
  expect(sameConversation(found, changeView(found, { tab: "overview" }))).toBe(true);
  expect(sameConversation(found, changeView(found, { session: 3, message: 12 }))).toBe(false);
  expect(sameConversation(found, { ...found, message: null })).toBe(true);
});

it("a run is entered at its newest conversation, and left whole for a page without a subject", () => {
  const there = changeView(viewFromSearch("?run=5&session=3&tab=trades&trades=hour%3D3"), toRun(6));
  expect([runOf(there), there.session, there.tab]).toEqual([6, null, "chat"]);
  const left = changeView(there, toPage("dashboard"));
  expect([runOf(left), searchFromView(left)]).toEqual([null, ""]);
});
