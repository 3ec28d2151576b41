import { Fragment, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { SHORTCUTS, type ShortcutName, shortcutsAreOn, switchShortcuts } from "@/lib/shortcuts";

const DOES: Record<ShortcutName, string> = {
  keys: "Show this list",
  focus: "Go to the command box or the question box",
  dashboard: "Dashboard",
  history: "Conversations of the open run, or of all",
  new: "New conversation about the open run",
  import: "Import a run",
  model: "New strategy",
  next: "Next run",
  previous: "Previous run",
  theme: "Switch between dark and light",
};

/** Keys that work where the focus is. */
const LOCAL_KEYS = [
  { keys: ["Enter"], does: "Send the question, run the command" },
  { keys: ["Shift", "Enter"], together: true, does: "New line in a question" },
  { keys: ["Esc"], does: "Stop the answer, close what is open" },
  { keys: ["↑", "↓"], does: "Move in a list, in the command's completions and their history" },
  { keys: ["Tab"], does: "Next control; in the command box, take the completion" },
] as const;

function Keys({ keys, together }: { keys: readonly string[]; together: boolean }) {
  return keys.map((key, index) => (
    <Fragment key={key}>
      {index ? <span className="text-ink-3">{together ? " + " : " "}</span> : null}
      <kbd className="rounded border border-line-strong bg-raised px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
    </Fragment>
  ));
}

function List({
  title,
  rows,
}: {
  title: string;
  rows: readonly { keys: readonly string[]; together?: boolean; does: string }[];
}) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-medium text-ink-2">{title}</h3>
      <dl className="divide-y rounded-md border text-[13px]">
        {rows.map(({ keys, together = false, does }) => (
          <div key={does} className="flex items-center gap-3 px-3 py-1.5">
            <dt className="w-32 shrink-0 whitespace-nowrap">
              <Keys keys={keys} together={together} />
            </dt>
            <dd className="text-ink-2">{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What the keyboard does, and the switch for single keys. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(shortcutsAreOn);
  return (
    <Dialog open onOpenChange={onClose} title="Keyboard" testId="keys-dialog">
      <div className="space-y-4">
        <List title="Anywhere" rows={SHORTCUTS.map(({ key, name }) => ({ keys: [key], does: DOES[name] }))} />
        <List title="Where the focus is" rows={LOCAL_KEYS} />
        <label className="flex min-h-6 items-center gap-2 text-[13px]">
          <input
            type="checkbox"
            className="accent-accent"
            data-testid="shortcuts-switch"
            checked={on}
            onChange={(event) => {
              switchShortcuts(event.target.checked);
              setOn(event.target.checked);
            }}
          />
          Single keys act (switch off if they get in the way of speech input)
        </label>
      </div>
    </Dialog>
  );
}
