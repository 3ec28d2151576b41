import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/components/shell/auth-provider";
import type { Run } from "@/lib/types";

/** All figures of a run with their definitions. */
export function useMetrics(run: Run) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", run.id, run.version],
    queryFn: () => api.runs.metrics(run.model_id, run.id),
  });
}
