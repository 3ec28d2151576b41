import type { Library } from "@/hooks/use-library";
import type { Run } from "@/lib/types";
import { FirstSteps } from "./first-steps";
import { RunTable } from "./run-table";
import { StatsGrid } from "./stats-grid";

const RECENT = 6;

/** What the dashboard shows before anything is asked. */
export function Welcome({ library, onOpenRun }: { library: Library; onOpenRun: (run: Run) => void }) {
  if (!library.runs.length) return <FirstSteps models={library.models} />;
  return (
    <>
      <header className="space-y-0.5">
        <h1 className="text-lg font-semibold tracking-tight">Dashboard</h1>
        <p className="text-[13px] text-ink-2">Choose a run to ask about it.</p>
      </header>
      <StatsGrid library={library} onOpenRun={onOpenRun} />
      <RunTable runs={library.runs.slice(0, RECENT)} total={library.runs.length} onOpen={onOpenRun} />
    </>
  );
}
