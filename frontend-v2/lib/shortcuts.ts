/** Keys that work anywhere on the page, in the order in which `KeysDialog` lists them and says what they do. */
export const SHORTCUTS = [
  { key: "?", name: "keys" },
  { key: "/", name: "focus" },
  { key: "d", name: "dashboard" },
  { key: "h", name: "history" },
  { key: "n", name: "new" },
  { key: "i", name: "import" },
  { key: "m", name: "model" },
  { key: "j", name: "next" },
  { key: "k", name: "previous" },
  { key: "t", name: "theme" },
] as const;

export type ShortcutName = (typeof SHORTCUTS)[number]["name"];

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
