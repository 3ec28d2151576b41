"use client";

import { useActions } from "@/components/shell/actions-provider";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { Library } from "@/hooks/use-library";
import type { Run } from "@/lib/types";
import { RunTable } from "./run-table";
import { StatsGrid } from "./stats-grid";

const RECENT = 6;

/** What the dashboard shows before anything is asked. */
export function Welcome({ library, onOpenRun }: { library: Library; onOpenRun: (run: Run) => void }) {
  const { createModel, importRun } = useActions();
  if (!library.models.length) {
    return (
      <EmptyState title="Start with a model">
        <p>A model is the AI that will answer. The offline analyst works with no key at all.</p>
        <Button variant="primary" className="mt-3" onClick={createModel}>
          Create a model
        </Button>
      </EmptyState>
    );
  }
  return (
    <>
      <header className="space-y-0.5">
        <h1 className="text-lg font-semibold tracking-tight">Dashboard</h1>
        <p className="text-[13px] text-ink-2">Choose a run to ask about it.</p>
      </header>
      <StatsGrid library={library} onOpenRun={onOpenRun} />
      {library.runs.length ? (
        <RunTable runs={library.runs.slice(0, RECENT)} total={library.runs.length} onOpen={onOpenRun} />
      ) : (
        <EmptyState title="No runs yet">
          <Button className="mt-2" onClick={() => importRun()}>
            Import a run
          </Button>
        </EmptyState>
      )}
    </>
  );
}
