import { describe, expect, it } from "vitest";
import { sameSubject, subjectKey, SUBJECTS, toSubject } from "./subject";

describe("toSubject", () => {
  it("takes every kind that there is, with the id that it needs", () => {
    for (const { kind, numbered } of SUBJECTS) {
      expect(toSubject({ kind, id: 4 })).toEqual({ kind, id: numbered ? 4 : null });
      expect(toSubject({ kind })).toEqual(numbered ? null : { kind, id: null });
    }
  });

  it.each([null, "run", {}, { kind: "poem", id: 1 }, { kind: "run", id: "5" }, { kind: "run", id: 1.5 }])(
    "%j is none",
    (value) => expect(toSubject(value)).toBeNull(),
  );
});

it("a subject has one key, and is the same by kind and id", () => {
  expect(subjectKey({ kind: "run", id: 5 })).toBe("run:5");
  expect(subjectKey({ kind: "desk", id: null })).toBe("desk");
  expect(sameSubject({ kind: "run", id: 5 }, { kind: "run", id: 5 })).toBe(true);
  expect(sameSubject({ kind: "run", id: 5 }, { kind: "paper", id: 5 })).toBe(false);
  expect(sameSubject(null, { kind: "run", id: 5 })).toBe(false);
  expect(sameSubject(null, null)).toBe(true);
});
