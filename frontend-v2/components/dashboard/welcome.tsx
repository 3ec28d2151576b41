import { onDemand } from "@/components/ui/on-demand";
import type { Library } from "@/hooks/use-library";
import { useWide } from "@/hooks/use-wide";
import type { Run } from "@/lib/types";
import { FirstSteps } from "./first-steps";
import { RunTable } from "./run-table";
import { StatsGrid } from "./stats-grid";

const RECENT = 6;
/** From here on there is room for a look at the newest run. */
const WIDE = 1536;

const NewestRun = onDemand(() => import("./newest-run").then((module) => module.NewestRun));

/** What the dashboard shows before anything is asked. */
export function Welcome({ library, onOpenRun }: { library: Library; onOpenRun: (run: Run) => void }) {
  const wide = useWide(WIDE);
  const [newest] = library.runs;
  if (!library.runs.length) return <FirstSteps models={library.models} />;
  return (
    <>
      <header className="space-y-0.5">
        <h1 className="text-lg font-semibold tracking-tight">Dashboard</h1>
        <p className="text-[13px] text-ink-2">Choose a run, or ask a question below.</p>
      </header>
      <StatsGrid library={library} onOpenRun={onOpenRun} />
      <RunTable runs={library.runs.slice(0, RECENT)} total={library.runs.length} onOpen={onOpenRun} curves />
      {wide && newest ? <NewestRun run={newest} /> : null}
    </>
  );
}
