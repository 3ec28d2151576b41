import { useApi } from "@/components/shell/auth-provider";
import type { Run } from "@/lib/types";
import { useFetched } from "./use-fetched";

/** All figures of a run with their definitions. */
export function useMetrics(run: Run) {
  const api = useApi();
  return useFetched({
    queryKey: ["metrics", run.id, run.version],
    queryFn: () => api.runs.metrics(run.model_id, run.id),
  });
}
