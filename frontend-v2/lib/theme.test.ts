// @vitest-environment jsdom

import { beforeEach, describe, expect, it, vi } from "vitest";
import { chooseTheme } from "./theme";
import { THEME_KEY, THEME_SCRIPT } from "./theme-script";

const theme = () => document.documentElement.dataset.theme;

/** The script as the document runs it, on a machine that is set to light or not. */
function start(machineIsLight: boolean) {
  const changed: (() => void)[] = [];
  const query = { matches: machineIsLight, addEventListener: (_: string, then: () => void) => changed.push(then) };
  vi.stubGlobal("matchMedia", () => query);
  new Function(THEME_SCRIPT)();
  return (light: boolean) => {
    query.matches = light;
    changed.forEach((then) => then());
  };
}

describe("theme", () => {
  beforeEach(() => localStorage.clear());

  it.each([
    [null, true, "dark"],
    ["dark", true, "dark"],
    ["light", false, "light"],
    ["system", true, "light"],
    ["system", false, "dark"],
    ["<nonsense>", true, "dark"],
  ])("the choice %j on a machine that is light: %j gives %s", (choice, machineIsLight, drawn) => {
    if (choice) localStorage.setItem(THEME_KEY, choice);
    start(machineIsLight);
    expect(theme()).toBe(drawn);
  });

  it("a choice is kept and drawn at once, and `system` follows the machine", () => {
    const machine = start(false);
    chooseTheme("light");
    expect(theme()).toBe("light");
    expect(localStorage.getItem(THEME_KEY)).toBe("light");
    machine(true);
    chooseTheme("system");
    expect(theme()).toBe("light");
    machine(false);
    expect(theme()).toBe("dark");
  });
});
