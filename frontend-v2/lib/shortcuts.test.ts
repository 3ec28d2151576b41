// @vitest-environment jsdom

import { beforeEach, describe, expect, it } from "vitest";
import { SHORTCUTS, shortcutOf, switchShortcuts } from "./shortcuts";

function press(key: string, target: Element = document.body, init: KeyboardEventInit = {}) {
  let found: ReturnType<typeof shortcutOf> | undefined;
  const listen = (event: KeyboardEvent) => (found = shortcutOf(event));
  document.addEventListener("keydown", listen);
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...init }));
  document.removeEventListener("keydown", listen);
  return found;
}

describe("shortcutOf", () => {
  beforeEach(() => {
    localStorage.clear();
    document.body.innerHTML = "<textarea></textarea><button></button>";
  });

  it("no key means two things", () => expect(new Set(SHORTCUTS.map(({ key }) => key)).size).toBe(SHORTCUTS.length));
  it.each(SHORTCUTS)("$key is $name", ({ key, name }) => expect(press(key)).toBe(name));
  it("works from a button", () => expect(press("h", document.querySelector("button")!)).toBe("history"));
  it("not while typing", () => expect(press("h", document.querySelector("textarea")!)).toBeNull());
  it("not with a modifier", () => expect(press("n", document.body, { ctrlKey: true })).toBeNull());
  it("not behind a dialog", () => {
    document.body.innerHTML += "<div role='dialog'></div>";
    expect(press("h")).toBeNull();
  });
  it("can be switched off, but for the list that says so", () => {
    switchShortcuts(false);
    expect(press("h")).toBeNull();
    expect(press("?")).toBe("keys");
  });
});
