import { useEffect, useRef } from "react";
import { useActions } from "@/hooks/use-actions";
import { useView } from "@/components/shell/view-provider";
import { shortcutOf, type ShortcutName } from "@/lib/shortcuts";
import { chooseTheme } from "@/lib/theme";
import { runOf, toPage, toRun } from "@/lib/view";
import type { Library } from "./use-library";

/** Obeys the keys that work anywhere. */
export function useShortcuts(library: Library): void {
  const { view, go } = useView();
  const { createModel, importRun, showHistory, showKeys } = useActions();
  const at = library.runs.findIndex((run) => run.id === runOf(view));
  const open = (index: number): void => {
    const run = library.runs[index];
    if (run) go(toRun(run.id));
  };
  const act: Record<ShortcutName, () => void> = {
    keys: showKeys,
    focus: () =>
      document.querySelector<HTMLElement>("[data-testid=dashboard-input], [data-testid=chat-input]")?.focus(),
    dashboard: () => go(toPage("dashboard")),
    history: () => showHistory(library.runs[at] ?? null),
    new: () => {
      if (view.subject !== null) go({ session: "new", tab: "chat" });
    },
    import: () => importRun(),
    model: createModel,
    next: () => open(at + 1),
    previous: () => open(at - 1),
    theme: () => chooseTheme(document.documentElement.dataset.theme === "light" ? "dark" : "light"),
  };
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const name = shortcutOf(event);
      if (!name) return;
      event.preventDefault();
      newest.current[name]();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
