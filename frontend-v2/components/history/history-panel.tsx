import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { useDebounced } from "@/hooks/use-debounced";
import type { Run } from "@/lib/types";
import { useDeletions } from "./deletions";
import { SessionList } from "./session-list";
import { UndoBar } from "./undo-bar";

const TYPING_MS = 250;

/** Conversations of a run, or (no run) of all, with a search over titles and messages. */
export function HistoryPanel({ run, onClose }: { run: Run | null; onClose: () => void }) {
  const { pending, problem } = useDeletions();
  const [typed, setTyped] = useState("");
  const [everywhere, setEverywhere] = useState(run === null);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      side="sheet"
      title="Conversations"
      testId="history-panel"
      footer={
        <div role="status" data-undo="panel" className="p-3 empty:hidden">
          {pending.length || problem ? <UndoBar /> : null}
        </div>
      }
    >
      <div className="space-y-3">
        <div className="space-y-2">
          <Input
            type="search"
            aria-label="Search conversations"
            data-testid="session-search"
            placeholder="Search titles and messages"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          {run ? (
            <label className="flex min-h-6 items-center gap-2 text-xs text-ink-2">
              <input
                type="checkbox"
                className="accent-accent"
                checked={everywhere}
                onChange={(event) => setEverywhere(event.target.checked)}
              />
              All runs, not only run #{run.run_number}
            </label>
          ) : null}
        </div>
        <SessionList
          search={useDebounced(typed.trim(), TYPING_MS)}
          runId={everywhere || !run ? null : run.id}
          onOpened={onClose}
        />
      </div>
    </Dialog>
  );
}
