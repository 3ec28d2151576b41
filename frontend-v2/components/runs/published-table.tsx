import { useApi } from "@/components/shell/auth-provider";
import { ProblemNote } from "@/components/ui/problem-note";
import { Tip } from "@/components/ui/tip";
import { useFetched } from "@/hooks/use-fetched";
import { formatCount, formatFigure, labelOf, plural } from "@/lib/format";
import type { PublishedRow, Run } from "@/lib/types";

export interface PublishedTableProps {
  run: Run;
}

/** What the run's source published of it, beside our figures; nothing where it published nothing. */
export function PublishedTable({ run }: PublishedTableProps) {
  const api = useApi();
  const published = useFetched({
    queryKey: ["published", run.id, run.version],
    queryFn: () => api.runs.published(run.model_id, run.id),
  });
  if (published.error) return <ProblemNote error={published.error} onRetry={() => void published.refetch()} />;
  const rows = published.data?.rows ?? [];
  if (!rows.length) return null;
  const compared = rows.filter((row) => row.figure !== null);
  const others = rows.filter((row) => row.figure === null);
  const differing = compared.filter((row) => row.agrees === false).length;
  return (
    <section className="space-y-2" data-testid="published">
      <h2 className="flex items-baseline justify-between gap-2 text-xs font-semibold text-ink-2">
        Published by {run.source}
        <span className="truncate text-2xs font-normal text-ink-3">
          {compared.length
            ? `${formatCount(compared.length - differing)} of ${plural(compared.length, "figure")} agree`
            : ""}
        </span>
      </h2>
      {compared.length ? <Compared rows={compared} source={run.source} currency={run.currency} /> : null}
      {others.length ? (
        <details className="text-xs">
          <summary className="text-ink-2 hover:text-ink">
            {plural(others.length, "more figure")} that Rundown does not compute
          </summary>
          <dl className="mt-1.5 grid gap-x-3 sm:grid-cols-2 xl:grid-cols-1">
            {others.map((row) => (
              <div key={row.name} className="flex items-baseline justify-between gap-3 px-2 py-0.5">
                <dt className="min-w-0 truncate text-ink-2" title={row.name}>
                  {labelOf(row.name)}
                </dt>
                <dd className="tnum">{formatFigure(row.published, "ratio")}</dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </section>
  );
}

interface ComparedProps {
  rows: readonly PublishedRow[];
  source: string;
  currency: string;
}

function Compared({ rows, source, currency }: ComparedProps) {
  return (
    <div className="overflow-x-auto rounded-md border bg-panel">
      <table className="tnum w-full text-xs">
        <caption className="sr-only">Figures published by {source}, ours, and why they differ</caption>
        <thead className="bg-raised text-2xs text-ink-2">
          <tr>
            <th scope="col" className="px-2 py-1 text-start font-medium">
              Figure
            </th>
            <th scope="col" className="px-2 py-1 text-end font-medium">
              Published
            </th>
            <th scope="col" className="px-2 py-1 text-end font-medium">
              Rundown
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.name} row={row} currency={currency} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, currency }: { row: PublishedRow; currency: string }) {
  const unit = row.unit ?? "ratio";
  const tip = (
    <>
      <p>
        {row.name} in the file; {row.unit === "money" ? `in ${currency}. ` : ""}
        {row.definition}
      </p>
      {row.why ? <p className="mt-1 text-warn">{row.why}</p> : null}
    </>
  );
  return (
    <>
      <tr className="border-t" data-testid="published-row" data-statistic={row.name}>
        <th scope="row" className="px-2 py-1 text-start font-normal">
          <Tip text={tip}>
            <button type="button" className="rounded text-start text-ink-2 hover:bg-hover">
              {labelOf(row.figure ?? row.name)}
            </button>
          </Tip>
        </th>
        <td className="whitespace-nowrap px-2 py-1 text-end">{formatFigure(row.published, unit)}</td>
        <td className="whitespace-nowrap px-2 py-1 text-end">
          {formatFigure(row.ours, unit)}
          <span className={row.agrees === false ? "text-warn" : "text-ink-3"}>
            {row.agrees === null ? "" : row.agrees ? " =" : " ≠"}
          </span>
          <span className="sr-only">{row.agrees === null ? "" : row.agrees ? "agrees" : "differs"}</span>
        </td>
      </tr>
      {row.why ? (
        <tr>
          <td colSpan={3} className="px-2 pb-1 text-2xs text-ink-3">
            {row.why}
          </td>
        </tr>
      ) : null}
    </>
  );
}
