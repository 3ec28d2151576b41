import { describe, expect, it } from "vitest";
import { parseCommand } from "./commands";
import { completionsOf } from "./completions";
import type { Run } from "./types";

const run = (id: number, run_number: number, name: string) => ({ id, run_number, name, model_name: "Desk" }) as Run;
const RUNS = [run(1, 3, "Grid futures"), run(2, 5, "Momentum BTC"), run(3, 51, "Stocks")];
const texts = (typed: string, runs: readonly Run[] = RUNS) => completionsOf(typed, runs).map(({ text }) => text);

describe("completionsOf", () => {
  it.each<[string, string[]]>([
    ["", []],
    ["  ", []],
    ["sho", ["show stats"]],
    ["shwo", ["show stats"]],
    ["list", ["list runs", "list strategies"]],
    ["list s", ["list strategies"]],
    ["open", ["open run "]],
    ["open ", ["open run 3", "open run 5", "open run 51"]],
    ["open run 5", ["open run 5", "open run 51"]],
    ["open run mom", ["open run 5"]],
    ["open run mometnum", ["open run 5"]],
    ["compare", ["compare 3 and 5"]],
    ["compare 3", ["compare 3 and "]],
    ["compare 3 and ", ["compare 3 and 5", "compare 3 and 51"]],
    ["compare 3 and 5 and st", ["compare 3 and 5 and 51"]],
    ["compare 3, 5", ["compare 3 and 5", "compare 3 and 51"]],
    ["search", ["search "]],
    ["momentum", ["open run 5"]],
    ["xyzzy", []],
  ])("%j becomes %j", (typed, expected) => expect(texts(typed)).toEqual(expected));

  it("a run whose number is shared is called by name", () => {
    const shared = [run(1, 1, "Crypto"), run(2, 1, "Stocks")];
    expect(texts("open c", shared)).toEqual(["open run Crypto"]);
  });

  it("what is whole is a command, and what is not wants more", () => {
    for (const typed of ["s", "l", "o", "c", "i", "h", "open ", "compare 3 and "]) {
      for (const { text, whole } of completionsOf(typed, RUNS)) {
        if (whole) expect(parseCommand(text).kind).not.toBe("unknown");
        else expect(text).toMatch(/ $/);
      }
    }
  });

  it("offers no more than fit", () => {
    const many = Array.from({ length: 500 }, (_, index) => run(index, index + 1, `Run ${index}`));
    expect(texts("open ", many)).toHaveLength(8);
  });
});
