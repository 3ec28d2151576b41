/** Keys that work anywhere on the page, as they are listed for the reader and as they are obeyed. */
export const SHORTCUTS = [
  { key: "?", name: "keys", does: "Show this list" },
  { key: "/", name: "focus", does: "Go to the command box or the question box" },
  { key: "d", name: "dashboard", does: "Dashboard" },
  { key: "h", name: "history", does: "Conversations of the open run, or of all" },
  { key: "n", name: "new", does: "New conversation about the open run" },
  { key: "i", name: "import", does: "Import a run" },
  { key: "m", name: "model", does: "New model" },
  { key: "j", name: "next", does: "Next run" },
  { key: "k", name: "previous", does: "Previous run" },
  { key: "t", name: "theme", does: "Switch between dark and light" },
] as const;

export type ShortcutName = (typeof SHORTCUTS)[number]["name"];

/** Keys that work where the focus is. */
export const LOCAL_KEYS = [
  { keys: ["Enter"], does: "Send the question, run the command" },
  { keys: ["Shift", "Enter"], together: true, does: "New line in a question" },
  { keys: ["Esc"], does: "Stop the answer, close what is open" },
  { keys: ["↑", "↓"], does: "Move in a list, in the command's completions and their history" },
  { keys: ["Tab"], does: "Next control; in the command box, take the completion" },
] as const;

export const SHORTCUTS_KEY = "rundown-shortcuts";

/** Single keys can be in the way of speech input, so they can be switched off. */
export function shortcutsAreOn(): boolean {
  try {
    return localStorage.getItem(SHORTCUTS_KEY) !== "off";
  } catch {
    return true;
  }
}

export function switchShortcuts(on: boolean): void {
  try {
    localStorage.setItem(SHORTCUTS_KEY, on ? "on" : "off");
  } catch {
    // Storage is shut: they stay as they are.
  }
}

const TYPED_INTO = "input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]";

/** The shortcut a key press means; none while text is typed, a dialog is open, or a modifier is held. */
export function shortcutOf(event: KeyboardEvent): ShortcutName | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const found = SHORTCUTS.find(({ key }) => key === event.key)?.name ?? null;
  if (!found || document.querySelector("[role=dialog], [role=alertdialog]")) return null;
  if (event.target instanceof Element && event.target.closest(TYPED_INTO)) return null;
  return found === "keys" || shortcutsAreOn() ? found : null;
}
