import { describe, expect, it } from "vitest";
import { EMPTY_ANSWER } from "./chat-reducer";
import { besideUnsaved, hasUnsaved, UNSAVED, type Fork, type Turn } from "./turns";

const turn = (asked: Fork, answered: Fork, content: string, place: Turn["place"] = {}): Turn => ({
  key: content,
  question: "Why?",
  answer: { ...EMPTY_ANSWER, status: "stopped", content },
  asked,
  answered,
  place,
});
const saved = (id: number, ...others: number[]): Fork => ({ id, siblings: [id, ...others] });

describe("what was not saved stays within reach", () => {
  const first = turn(saved(1), saved(2), "first");

  it.each([
    ["a new answer, at the answer", turn(saved(1), { id: null, siblings: [2] }, "half"), "answered"],
    ["an edited question, at the question", turn({ id: null, siblings: [1] }, UNSAVED, "half"), "asked"],
  ] as const)("%s", (_name, left, where) => {
    const [marked] = besideUnsaved([first], [left]);
    expect(marked?.[where].unsaved).toBe(true);
    expect(marked?.[where === "asked" ? "answered" : "asked"].unsaved).toBeUndefined();
  });

  it("a question of its own, after what it was put after and nothing else", () => {
    const left = turn(UNSAVED, UNSAVED, "half", { parent_id: 2 });
    expect(besideUnsaved([first], [first, left])).toEqual([first, left]);
    const other = turn(saved(1), saved(9), "other");
    expect(besideUnsaved([other], [first, left])).toEqual([other]);
  });

  it("nothing is put aside where all is saved, or nothing was said", () => {
    expect(hasUnsaved([first, turn(saved(1), UNSAVED, "  ")])).toBe(false);
    expect(besideUnsaved([first], [first])).toEqual([first]);
  });
});
