import { Button } from "@/components/ui/button";
import { formatCount } from "@/lib/format";
import type { ImportReport, Run } from "@/lib/types";
import { ImportChecks } from "./import-checks";

export interface ImportResultProps {
  run: Run;
  report: ImportReport;
  onOpen: () => void;
  onMore: () => void;
}

const MOST = 50;

/** What an import read, what it left out and why. */
export function ImportResult({ run, report, onOpen, onMore }: ImportResultProps) {
  const facts: [string, string][] = [
    ["Format", report.format],
    ["Positions", formatCount(report.positions)],
    ["Trades", formatCount(report.trades)],
    ["Skipped", formatCount(report.skipped.length)],
  ];
  return (
    <div data-testid="import-report" className="space-y-4">
      <p role="status" className="text-[13px]">
        <span className="font-medium text-gain">Imported</span> as run #{run.run_number}, “{run.name}”.
      </p>
      <dl className="tnum grid grid-cols-2 gap-2 sm:grid-cols-4">
        {facts.map(([label, value]) => (
          <div key={label} className="rounded-md bg-raised px-2.5 py-2">
            <dt className="text-2xs text-ink-2">{label}</dt>
            <dd className="truncate text-sm font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
      <ImportChecks checks={report.checks ?? []} />
      {report.warnings.length ? (
        <section className="space-y-1">
          <h3 className="text-xs font-semibold text-warn">Warnings</h3>
          <ul className="list-disc space-y-0.5 ps-4 text-xs text-ink-2">
            {report.warnings.slice(0, MOST).map((warning, index) => (
              <li key={index}>{warning}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {report.skipped.length ? (
        <details className="text-xs" open={report.skipped.length <= 5}>
          <summary className="font-semibold text-ink-2">Skipped lines</summary>
          <ul className="tnum mt-1 space-y-0.5 text-ink-2">
            {report.skipped.slice(0, MOST).map((skip, index) => (
              <li key={index}>
                {skip.line === null ? "" : `Line ${skip.line}: `}
                {skip.why}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onMore}>Import another</Button>
        <Button variant="primary" data-testid="import-open-run" onClick={onOpen}>
          Open the run
        </Button>
      </div>
    </div>
  );
}
