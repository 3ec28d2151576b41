import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
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
  const runs = useQueries({
    queries: (models.data ?? []).map((model) => ({
      queryKey: ["runs", model.id],
      queryFn: () => api.runs.list(model.id),
    })),
    combine: (results) => ({
      lists: results.map((result) => result.data ?? []),
      loading: results.some((result) => result.isPending),
      error: results.find((result) => result.error)?.error ?? null,
    }),
  });
  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: ["models"] });
    void queries.invalidateQueries({ queryKey: ["runs"] });
  }, [queries]);

  const library = useMemo<Library>(() => {
    const byModel = new Map((models.data ?? []).map((model, index) => [model.id, runs.lists[index] ?? []]));
    const all = [...byModel.values()].flat().sort((a, b) => latestFirst(a.created_at, b.created_at) || b.id - a.id);
    return {
      models: models.data ?? [],
      runs: all,
      runsOf: (modelId) => byModel.get(modelId) ?? [],
      loading: models.isPending || runs.loading,
      error: models.error ?? runs.error,
      refresh,
    };
  }, [models.data, models.isPending, models.error, runs, refresh]);
  // The first is most of the page: drawn in short tasks. What is in it later has to be known at once.
  const drawn = useDeferredValue(library);
  return drawn.loading ? drawn : library;
}
