"use client";

import { ArrowUp } from "lucide-react";
import { useState } from "react";
import { compareExample } from "@/lib/commands";
import type { Run } from "@/lib/types";

export interface CommandBoxProps {
  runs: readonly Run[];
  onCommand: (text: string) => void;
}

export function CommandBox({ runs, onCommand }: CommandBoxProps) {
  const [text, setText] = useState("");
  const examples = ["show stats", "list runs", compareExample(runs), "import", "help"].filter((each) => each !== null);
  const submit = (): void => {
    if (!text.trim()) return;
    onCommand(text.trim());
    setText("");
  };
  return (
    <div className="space-y-2">
      <div role="group" aria-label="Example commands" className="flex flex-wrap gap-1.5">
        {examples.map((example) => (
          <button
            key={example}
            type="button"
            data-testid="command-chip"
            className="max-w-full truncate rounded-full border border-line-strong bg-raised px-2.5 py-0.5 font-mono text-2xs text-ink-2 hover:border-accent-ink hover:text-ink"
            onClick={() => onCommand(example)}
          >
            {example}
          </button>
        ))}
      </div>
      <form
        className="flex items-center gap-2 rounded-xl border border-line-strong bg-panel p-1.5 focus-within:border-accent-ink"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <input
          data-testid="dashboard-input"
          value={text}
          aria-label="Command"
          autoComplete="off"
          placeholder="Type a command: show stats, open run 5, help..."
          className="h-8 min-w-0 flex-1 bg-transparent px-2 text-[13.5px] placeholder:text-ink-3 focus:outline-none"
          onChange={(event) => setText(event.target.value)}
        />
        <button
          type="submit"
          aria-label="Run command"
          className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-white hover:bg-accent-hover"
        >
          <ArrowUp className="size-4" aria-hidden />
        </button>
      </form>
    </div>
  );
}
