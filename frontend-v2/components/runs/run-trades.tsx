import { useCallback, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { ProblemNote } from "@/components/ui/problem-note";
import { useDebounced } from "@/hooks/use-debounced";
import { useMetrics } from "@/hooks/use-metrics";
import type { TradePages } from "@/hooks/use-trade-pages";
import { cn } from "@/lib/cn";
import { fileName, saveBlob } from "@/lib/download";
import { formatCount, formatSigned, toneOf } from "@/lib/format";
import { filterFromText, textFromFilter, type TradeFilter } from "@/lib/trade-filter";
import type { Run } from "@/lib/types";
import { storeColumns, storedColumns, TRADE_COLUMNS } from "./trade-columns";
import { TradeFilters } from "./trade-filters";
import { TradeList } from "./trade-list";

const TYPING_MS = 250;

/** The run's trades to look through: what is in sight follows the address, so that a link leads to the same trades. */
export function RunTrades({ run }: { run: Run }) {
  const api = useApi();
  const { view, go } = useView();
  const filter = filterFromText(view.filter);
  const [search, setSearch] = useState(filter.search ?? "");
  const [sort, setSort] = useState("opened_at");
  const [columns, setColumns] = useState(storedColumns);
  const [exporting, setExporting] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [found, setFound] = useState<Pick<TradePages, "total" | "netPnl" | "loading"> | null>(null);
  const stops = (useMetrics(run).data?.figures.expectancy_r?.value ?? null) !== null;
  const offered = TRADE_COLUMNS.filter((column) => stops || !column.ofStops);
  const typed = useDebounced(search.trim(), TYPING_MS);
  const wanted: TradeFilter = { ...filter, search: typed };

  const choose = useCallback((next: TradeFilter) => go({ tab: "trades", filter: textFromFilter(next) }), [go]);
  const changeColumns = (keys: string[]): void => {
    setColumns(keys);
    storeColumns(keys);
  };
  const save = async (): Promise<void> => {
    setExporting(true);
    setProblem(null);
    try {
      const blob = await api.runs.tradesCsv(run.model_id, run.id, { ...wanted, sort });
      saveBlob(blob, fileName(`run ${run.run_number} ${run.name} trades`, "csv"));
    } catch (error) {
      setProblem(error);
    } finally {
      setExporting(false);
    }
  };
  return (
    <div className="mx-auto flex h-full max-w-[1600px] flex-col gap-2 p-3 md:p-4" data-testid="run-trades">
      <TradeFilters
        filter={filter}
        onFilter={choose}
        search={search}
        onSearch={setSearch}
        offered={offered}
        columns={columns}
        onColumns={changeColumns}
        exporting={exporting}
        onExport={() => void save()}
      />
      {problem ? <ProblemNote error={problem} /> : null}
      <p role="status" className="tnum text-xs text-ink-2" data-testid="trade-count">
        {found && found.netPnl !== null ? (
          <>
            {formatCount(found.total)} of{" "}
            {formatCount(
              run.summary.trade_count === null ? found.total : run.summary.trade_count + (run.summary.open_count ?? 0),
            )}{" "}
            trades · net{" "}
            <span className={cn("font-medium", toneOf(found.netPnl))}>
              {formatSigned(found.netPnl, 2, ` ${run.currency}`)}
            </span>
          </>
        ) : found && !found.loading ? (
          "The trades could not be read"
        ) : (
          "Loading trades"
        )}
      </p>
      <div className="min-h-0 flex-1">
        <TradeList
          run={run}
          filter={wanted}
          sort={sort}
          onSort={setSort}
          columns={offered.filter((column) => columns.includes(column.key))}
          onPages={setFound}
        />
      </div>
    </div>
  );
}
