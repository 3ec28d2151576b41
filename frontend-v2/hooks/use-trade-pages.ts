import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "@/components/shell/auth-provider";
import type { TradeFilter } from "@/lib/trade-filter";
import { textFromFilter } from "@/lib/trade-filter";
import type { Run, Trade, TradePage } from "@/lib/types";

export const PAGE_SIZE = 100;

export interface TradePages {
  total: number;
  netPnl: number | null;
  /** The trade at a place of the whole list; undefined until its page is there. */
  at: (index: number) => Trade | undefined;
  loading: boolean;
  error: unknown;
  retry: () => void;
}

/** A run's trades as one long list of which only the pages in sight are fetched; the server sorts and filters. */
export function useTradePages(run: Run, filter: TradeFilter, sort: string, first: number, last: number): TradePages {
  const api = useApi();
  const where = { modelId: run.model_id, runId: run.id };
  const key = ["trade-page", run.id, run.version, textFromFilter(filter), sort] as const;
  const fetchPage = (page: number) => () =>
    api.runs.trades(where, { ...filter, sort, limit: PAGE_SIZE, offset: page * PAGE_SIZE });
  const head = useQuery({ queryKey: [...key, 0], queryFn: fetchPage(0), placeholderData: keepPreviousData });
  const total = head.data?.total ?? 0;
  const from = Math.floor(Math.max(first, 0) / PAGE_SIZE);
  const to = Math.min(Math.floor(Math.max(last, 0) / PAGE_SIZE), Math.max(Math.ceil(total / PAGE_SIZE) - 1, 0));
  const wanted = Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index).filter(
    (page) => page > 0,
  );
  const rest = useQueries({
    queries: wanted.map((page) => ({ queryKey: [...key, page], queryFn: fetchPage(page) })),
    combine: (results: UseQueryResult<TradePage>[]) => ({
      pages: results.map((result) => result.data),
      failed: results.find((result) => result.error) ?? null,
    }),
  });
  const wantedKey = wanted.join();
  const byPage = useMemo(() => {
    const pages = new Map<number, TradePage | undefined>([[0, head.data]]);
    if (wantedKey) wantedKey.split(",").forEach((page, index) => pages.set(Number(page), rest.pages[index]));
    return pages;
  }, [head.data, rest.pages, wantedKey]);
  return {
    total,
    netPnl: head.data?.net_pnl ?? null,
    at: (index) => byPage.get(Math.floor(index / PAGE_SIZE))?.items[index % PAGE_SIZE],
    loading: head.isPending || head.isPlaceholderData,
    error: head.error ?? rest.failed?.error ?? null,
    retry: () => {
      void head.refetch();
      void rest.failed?.refetch();
    },
  };
}
