import { useSyncExternalStore } from "react";
import { THEME_KEY } from "./theme-script";

export const THEMES = ["dark", "light", "system"] as const;
/** What the reader chose; `system` follows the machine. */
export type ThemeChoice = (typeof THEMES)[number];
/** What is drawn. */
export type Theme = "dark" | "light";

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.addEventListener("storage", changed);
  return () => {
    observer.disconnect();
    window.removeEventListener("storage", changed);
  };
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(THEME_KEY);
    return THEMES.find((theme) => theme === stored) ?? "dark";
  } catch {
    return "dark";
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(THEME_KEY, choice);
  } catch {
    return;
  }
  // The browser tells other tabs by itself; this one has to be told.
  window.dispatchEvent(new StorageEvent("storage", { key: THEME_KEY }));
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, readChoice, () => "dark");
}

/** The theme that is drawn: what a canvas, which no style sheet reaches, has to follow. */
export function useTheme(): Theme {
  return useSyncExternalStore(
    subscribe,
    () => (document.documentElement.dataset.theme === "light" ? "light" : "dark"),
    () => "dark",
  );
}

/** A colour token of the present theme for a canvas: `themeColor("gain", 0.3)` is `rgba(52, 199, 138, 0.3)`. */
export function themeColor(token: string, alpha = 1): string {
  const probe = document.createElement("i");
  probe.style.color = getComputedStyle(document.documentElement).getPropertyValue(`--color-${token}`);
  const channels = probe.style.color.match(/\d+/g) ?? ["128", "128", "128"];
  return `rgba(${channels.slice(0, 3).join(", ")}, ${alpha})`;
}
