import { ArrowUp } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { cn } from "@/lib/cn";
import { compareExample } from "@/lib/commands";
import { completionsOf, type Completion } from "@/lib/completions";
import type { Run } from "@/lib/types";

export interface CommandBoxProps {
  /** The runs are still fetched: on a phone the line that their example will need is held. */
  loading: boolean;
  runs: readonly Run[];
  /** What was run before, oldest first: the arrow up key brings it back. */
  past: readonly string[];
  onCommand: (text: string) => void;
  onFile: (file: File) => void;
}

interface Typed {
  text: string;
  /** The completion the arrow keys stand on; −1 is none. */
  at: number;
  open: boolean;
  /** How far back in what was run before. */
  back: number;
}

const CLEAR: Typed = { text: "", at: -1, open: false, back: 0 };

function Completions({
  id,
  list,
  at,
  onTake,
}: {
  id: string;
  list: readonly Completion[];
  at: number;
  onTake: (completion: Completion) => void;
}) {
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="Completions"
      data-testid="completions"
      className="absolute inset-x-0 bottom-full z-20 mb-1.5 overflow-hidden rounded-lg border border-line-strong bg-raised p-1 shadow-xl"
    >
      {list.map((completion, index) => (
        <li
          key={completion.text + completion.hint}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          className={cn(
            "flex cursor-pointer items-baseline gap-3 rounded px-2 py-1.5 text-[13px] hover:bg-hover",
            index === at && "bg-hover",
          )}
          // Before the box loses the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(completion);
          }}
        >
          <span className="shrink-0 font-mono text-xs text-accent-ink">{completion.text}</span>
          <span className="min-w-0 truncate text-xs text-ink-2">{completion.hint}</span>
        </li>
      ))}
    </ul>
  );
}

/** Commands by typing, with completions (a combobox with a listbox); a dropped file is imported. */
export function CommandBox({ runs, loading, past, onCommand, onFile }: CommandBoxProps) {
  const [typed, setTyped] = useState<Typed>(CLEAR);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const list = completionsOf(typed.text, runs);
  const open = typed.open && list.length > 0;
  const examples = ["show stats", "list runs", "import", "help", compareExample(runs)].filter((each) => each !== null);

  const run = (text: string): void => {
    if (!text.trim()) return;
    setTyped(CLEAR);
    onCommand(text.trim());
  };
  const fill = (text: string): void => {
    setTyped({ ...CLEAR, text, open: true });
    input.current?.focus();
  };
  const take = (completion: Completion): void => (completion.whole ? run(completion.text) : fill(completion.text));
  const recall = (back: number): void => {
    const text = back > 0 ? past.at(-back) : "";
    if (text !== undefined) setTyped({ ...CLEAR, text, back });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && open) {
      event.preventDefault();
      const places = list.length + 1;
      setTyped({ ...typed, at: ((typed.at + 1 + step + places) % places) - 1 });
    } else if (step && (typed.text === "" || typed.back)) {
      event.preventDefault();
      recall(typed.back - step);
    } else if (event.key === "Escape" && open) {
      setTyped({ ...typed, open: false, at: -1 });
    } else if (event.key === "Tab" && open && !event.shiftKey) {
      const chosen = list[Math.max(typed.at, 0)];
      if (!chosen || chosen.text === typed.text) return;
      event.preventDefault();
      fill(chosen.text);
    }
  };
  return (
    <div
      className="space-y-2"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
    >
      <div
        role="group"
        aria-label="Example commands"
        className={cn("flex flex-wrap content-start gap-1.5", loading && "min-h-13.5 md:min-h-0")}
      >
        {examples.map((example) => (
          <button
            key={example}
            type="button"
            data-testid="command-chip"
            className="min-h-6 max-w-full truncate rounded-full border border-line-strong bg-raised px-2.5 py-0.5 font-mono text-2xs text-ink-2 hover:border-accent-ink hover:text-ink"
            onClick={() => run(example)}
          >
            {example}
          </button>
        ))}
      </div>
      <form
        className={cn(
          "relative flex items-center gap-2 rounded-xl border border-field bg-panel p-1.5 focus-within:border-accent-ink focus-within:ring-1 focus-within:ring-accent-ink",
          over && "border-dashed border-accent-ink bg-accent/10",
        )}
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = open ? list[typed.at] : undefined;
          if (chosen) take(chosen);
          else run(typed.text);
        }}
      >
        {open ? <Completions id={id} list={list} at={typed.at} onTake={take} /> : null}
        <input
          ref={input}
          data-testid="dashboard-input"
          role="combobox"
          aria-label="Question or command"
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          aria-activedescendant={open && typed.at >= 0 ? `${id}-${typed.at}` : undefined}
          value={typed.text}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="Ask about a run, type a command, or drop a file"
          className="h-8 min-w-0 flex-1 bg-transparent px-2 text-[13.5px] placeholder:text-ink-3 focus:outline-none"
          onChange={(event) => setTyped({ ...CLEAR, text: event.target.value, open: true })}
          onKeyDown={onKeyDown}
          onBlur={() => setTyped((now) => ({ ...now, open: false, at: -1 }))}
        />
        <button
          type="submit"
          aria-label="Go"
          className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-white hover:bg-accent-hover"
        >
          <ArrowUp className="size-4" aria-hidden />
        </button>
      </form>
    </div>
  );
}
