import { RunEquitySketch } from "@/components/runs/run-equity-sketch";
import { RunFigures } from "@/components/runs/run-figures";
import type { Run } from "@/lib/types";

/** The newest run's figures and its curve, beside each other. */
export function NewestRun({ run }: { run: Run }) {
  return (
    <section aria-label="The newest run" className="space-y-3 rounded-lg border bg-panel p-4" data-testid="newest-run">
      <h2 className="text-[13px] font-semibold">
        Newest: <span className="text-ink-3">#{run.run_number}</span> <bdi>{run.name}</bdi>
      </h2>
      <div className="grid grid-cols-2 gap-6">
        <div className="@container">
          <RunFigures run={run} />
        </div>
        <RunEquitySketch run={run} />
      </div>
    </section>
  );
}
