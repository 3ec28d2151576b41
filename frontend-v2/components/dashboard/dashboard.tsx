import { useEffect, useRef, useState } from "react";
import { useActions } from "@/hooks/use-actions";
import { useAskRun } from "@/components/shell/ask-provider";
import { useView } from "@/components/shell/view-provider";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import type { Library } from "@/hooks/use-library";
import { matchRuns, parseCommand, type Command } from "@/lib/commands";
import type { Run } from "@/lib/types";
import { toRun } from "@/lib/view";
import { CommandAnswer } from "./command-answer";
import { CommandBox } from "./command-box";
import { Welcome } from "./welcome";

interface Entry {
  id: number;
  text: string;
  command: Command;
}

/** With no run chosen: commands, understood without a model and answered with figures in place. */
export function Dashboard({ library }: { library: Library }) {
  const { go } = useView();
  const { createModel, importRun } = useActions();
  const [entries, setEntries] = useState<Entry[]>([]);
  const newest = useRef<HTMLDivElement>(null);

  // The newest answer from its beginning; what it is made of comes later, and is waited for until the reader moves.
  useEffect(() => {
    const answer = newest.current;
    if (!answer) return;
    const show = (): void => answer.scrollIntoView({ block: "start" });
    const grown = new ResizeObserver(show);
    grown.observe(answer);
    const leave = new AbortController();
    leave.signal.addEventListener("abort", () => grown.disconnect());
    for (const moves of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      document.addEventListener(moves, () => leave.abort(), { signal: leave.signal, passive: true });
    }
    return () => leave.abort();
  }, [entries]);

  const openRun = (run: Run): void => go(toRun(run.id));
  const askRun = useAskRun();
  const obey = (text: string): void => {
    const command = parseCommand(text);
    setEntries((before) => [...before, { id: before.length, text, command }]);
    if (command.kind === "create_model") createModel();
    if (command.kind === "import") importRun();
    if (command.kind === "open_run") {
      const found = matchRuns(library.runs, command);
      if (found.length === 1 && found[0]) openRun(found[0]);
    }
    if (command.kind === "ask") {
      // Of several runs the reader says which.
      const meant = command.run === null ? library.runs : matchRuns(library.runs, { run: command.run, name: null });
      if (meant.length === 1 && meant[0]) askRun(meant[0].id, command.question);
    }
  };
  // The lists of several models come one by one: shown together, nothing moves under the reader's hand.
  const [came, setCame] = useState(!library.loading);
  if (!came && !library.loading) setCame(true);
  return (
    <section aria-label="Dashboard" className="flex h-full flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-6xl space-y-5 2xl:max-w-[1560px] px-3 py-5 md:px-6">
          {library.error ? <ProblemNote error={library.error} onRetry={library.refresh} /> : null}
          {came ? (
            <Welcome library={library} onOpenRun={openRun} />
          ) : (
            <div role="status" aria-label="Loading" className="space-y-3">
              <Skeleton className="h-24" />
              <Skeleton className="h-48" />
            </div>
          )}
          {entries.map((entry, index) => (
            <div
              key={entry.id}
              ref={index === entries.length - 1 ? newest : undefined}
              data-testid="command-entry"
              className="animate-appear scroll-mt-3 space-y-2"
            >
              <p className="font-mono text-xs text-ink-3">
                <span aria-hidden>›</span> {entry.text}
              </p>
              <CommandAnswer command={entry.command} library={library} onOpenRun={openRun} onCommand={obey} />
            </div>
          ))}
        </div>
      </div>
      <div className="mx-auto w-full max-w-6xl px-3 2xl:max-w-[1560px] pb-3 md:px-6">
        <CommandBox
          runs={library.runs}
          loading={!came}
          past={entries.map(({ text }) => text)}
          onCommand={obey}
          onFile={(file) => importRun(undefined, file)}
        />
      </div>
    </section>
  );
}
