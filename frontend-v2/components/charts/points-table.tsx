import { formatTime } from "@/lib/format";

const ROWS = 12;

export interface PointsTableProps<Point extends { t: string }> {
  points: readonly Point[];
  /** What stands in each column, by its heading. */
  columns: Record<string, (point: Point) => string>;
}

/** The table behind a curve: points of it at even steps, the last one always. */
export function PointsTable<Point extends { t: string }>({ points, columns }: PointsTableProps<Point>) {
  const step = Math.max(1, Math.ceil(points.length / ROWS));
  const rows = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  return (
    <details className="text-xs">
      <summary className="text-ink-2 hover:text-ink">As a table</summary>
      <table className="tnum mt-1 text-xs">
        <thead className="text-2xs text-ink-2">
          <tr>
            <th scope="col" className="pe-6 text-start font-medium">
              Date
            </th>
            {Object.keys(columns).map((heading) => (
              <th key={heading} scope="col" className="ps-4 text-end font-medium">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((point) => (
            <tr key={point.t}>
              <td className="pe-6">{formatTime(point.t, false)}</td>
              {Object.entries(columns).map(([heading, cell]) => (
                <td key={heading} className="ps-4 text-end">
                  {cell(point)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
