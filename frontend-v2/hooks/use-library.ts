import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { latestFirst } from "@/lib/order";
import type { Run, TradingModel } from "@/lib/types";

export interface Library {
  models: TradingModel[];
  /** Of all models, newest first. */
  runs: Run[];
  runsOf: (modelId: number) => Run[];
  loading: boolean;
  error: unknown;
  refresh: () => void;
}

/** The reader's models and their runs: what sidebar, dashboard and commands are fed from. */
export function useLibrary(): Library {
  const api = useApi();
  const queries = useQueryClient();
  const models = useQuery({ queryKey: ["models"], queryFn: () => api.models.list() });
  const ids = models.data?.map(({ id }) => id) ?? [];
  const runs = useQuery({
    queryKey: ["runs", ids],
    queryFn: async () => new Map(await Promise.all(ids.map(async (id) => [id, await api.runs.list(id)] as const))),
    enabled: models.data !== undefined,
    // With another strategy the runs of those before stay in sight.
    placeholderData: (before) => before,
  });
  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: ["models"] });
    void queries.invalidateQueries({ queryKey: ["runs"] });
  }, [queries]);

  const library = useMemo<Library>(() => {
    const byModel = runs.data ?? new Map<number, Run[]>();
    const all = [...byModel.values()].flat().sort((a, b) => latestFirst(a.created_at, b.created_at) || b.id - a.id);
    return {
      models: models.data ?? [],
      runs: all,
      runsOf: (modelId) => byModel.get(modelId) ?? [],
      loading: models.isPending || runs.isPending,
      error: models.error ?? runs.error,
      refresh,
    };
  }, [models.data, models.isPending, models.error, runs.data, runs.isPending, runs.error, refresh]);
  // The first is most of the page: drawn in short tasks. What is in it later has to be known at once.
  const drawn = useDeferredValue(library);
  return drawn.loading ? drawn : library;
}
