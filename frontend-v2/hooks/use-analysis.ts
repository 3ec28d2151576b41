import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/components/shell/auth-provider";
import type { Run } from "@/lib/types";

/** The analysis of all closed trades of a run. */
export function useAnalysis(run: Run) {
  const api = useApi();
  return useQuery({
    queryKey: ["analysis", run.id, run.version],
    queryFn: () => api.runs.analysis(run.model_id, run.id),
  });
}
