import { describe, expect, it } from "vitest";
import { compareExample, COMMAND_HELP, editDistance, matchRuns, parseCommand, type Command } from "./commands";
import type { Run } from "./types";

const open = (run: number): Command => ({ kind: "open_run", run, name: null });

const CASES: [string, Command][] = [
  ["show stats", { kind: "stats" }],
  ["  SHOW   Stats!! ", { kind: "stats" }],
  ["statistics", { kind: "stats" }],
  ["show me the summary", { kind: "stats" }],
  ["shwo stats", { kind: "stats" }],
  ["list runs", { kind: "list_runs" }],
  ["runs", { kind: "list_runs" }],
  ["show all runs", { kind: "list_runs" }],
  ["lits runs", { kind: "list_runs" }],
  ["list models", { kind: "list_models" }],
  ["show my models", { kind: "list_models" }],
  ["open run 5", open(5)],
  ["Open Run #5", open(5)],
  ["open 5", open(5)],
  ["run 5", open(5)],
  ["run5", open(5)],
  ["show run 12", open(12)],
  ["go to run 7", open(7)],
  ["7", open(7)],
  ["oepn run 3", open(3)],
  ["open run momentum BTC", { kind: "open_run", run: null, name: "momentum BTC" }],
  ["open", { kind: "open_run", run: null, name: null }],
  ["create model", { kind: "create_model" }],
  ["new model", { kind: "create_model" }],
  ["add a new model please", { kind: "create_model" }],
  ["import", { kind: "import" }],
  ["upload a run", { kind: "import" }],
  ["import run", { kind: "import" }],
  ["improt", { kind: "import" }],
  ["new run", { kind: "import" }],
  ["compare 3 and 5", { kind: "compare", runs: [3, 5], names: [] }],
  ["compare run #3 with run #5", { kind: "compare", runs: [3, 5], names: [] }],
  ["3 vs 5 vs 8", { kind: "compare", runs: [3, 5, 8], names: [] }],
  ["compare 3 and 3", { kind: "compare", runs: [3], names: [] }],
  ["compare", { kind: "compare", runs: [], names: [] }],
  ["compare crypto and nasdaq", { kind: "compare", runs: [], names: ["crypto", "nasdaq"] }],
  ["Compare the Grid run with 5", { kind: "compare", runs: [5], names: ["Grid"] }],
  ["compare BTC/USDT and NASDAQ-100", { kind: "compare", runs: [], names: ["BTC/USDT", "NASDAQ-100"] }],
  ["open NASDAQ-100", { kind: "open_run", run: null, name: "NASDAQ-100" }],
  ["open run-12", { kind: "open_run", run: 12, name: null }],
  ["compare 3, 5 and 8", { kind: "compare", runs: [3, 5, 8], names: [] }],
  ["conversations", { kind: "conversations", search: "" }],
  ["show my conversations", { kind: "conversations", search: "" }],
  ["histroy", { kind: "conversations", search: "" }],
  ["search fees", { kind: "conversations", search: "fees" }],
  ["find conversations about position size", { kind: "conversations", search: "position size" }],
  ["serach stop loss", { kind: "conversations", search: "stop loss" }],
  ["help", { kind: "help" }],
  ["?", { kind: "help" }],
  ["hlep", { kind: "help" }],
  ["what can you do", { kind: "help" }],
  ["why did I lose money", { kind: "ask", question: "why did I lose money", run: null }],
  ["Why did run 2 lose money?", { kind: "ask", question: "Why did run 2 lose money?", run: 2 }],
  ["what were my 5 worst trades", { kind: "ask", question: "what were my 5 worst trades", run: null }],
  ["pourquoi cette perte ?", { kind: "ask", question: "pourquoi cette perte ?", run: null }],
  ["fees?", { kind: "ask", question: "fees?", run: null }],
  ["!!! ???", { kind: "unknown", text: "!!! ???", suggestion: null }],
  ["delete everything", { kind: "unknown", text: "delete everything", suggestion: null }],
  ["", { kind: "unknown", text: "", suggestion: null }],
];

describe("parseCommand", () => {
  it.each(CASES)("%j", (text, command) => expect(parseCommand(text)).toEqual(command));

  it("understands every example of its own help", () => {
    for (const { example } of COMMAND_HELP) expect(parseCommand(example).kind).not.toBe("unknown");
  });
});

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["stats", "stats", 0],
    ["hlep", "help", 1],
    ["stat", "stats", 1],
    ["abc", "", 3],
    ["compere", "compare", 1],
  ])("%j to %j is %d", (a, b, distance) => expect(editDistance(a, b)).toBe(distance));
});

describe("compareExample", () => {
  const run = (run_number: number, name: string) => ({ run_number, name }) as Run;
  it.each([
    [[], null],
    [[run(1, "A")], null],
    [[run(1, "A"), run(2, "B")], "compare 1 and 2"],
    [[run(1, "Crypto, November"), run(1, "B")], "compare Crypto and B"],
  ])("%j gives %j", (runs, example) => {
    expect(compareExample(runs)).toBe(example);
    if (example) expect(parseCommand(example)).toMatchObject({ kind: "compare" });
  });
});

describe("matchRuns", () => {
  const run = (id: number, run_number: number, name: string) => ({ id, run_number, name }) as Run;
  const runs = [run(1, 5, "Momentum"), run(2, 5, "Momentum v2"), run(3, 6, "Grid")];
  it("a number that two runs have names both", () => {
    expect(matchRuns(runs, { run: 5, name: null }).map(({ id }) => id)).toEqual([1, 2]);
  });
  it("an exact name wins over names that contain it", () => {
    expect(matchRuns(runs, { run: null, name: "momentum" }).map(({ id }) => id)).toEqual([1]);
    expect(matchRuns(runs, { run: null, name: "v2" }).map(({ id }) => id)).toEqual([2]);
  });
  it("nothing asked for finds nothing", () => expect(matchRuns(runs, { run: null, name: null })).toEqual([]));
});
