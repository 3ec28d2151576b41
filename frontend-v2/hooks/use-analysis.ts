import { useApi } from "@/components/shell/auth-provider";
import type { Run } from "@/lib/types";
import { useFetched } from "./use-fetched";

/** The analysis of all closed trades of a run. */
export function useAnalysis(run: Run) {
  const api = useApi();
  return useFetched({
    queryKey: ["analysis", run.id, run.version],
    queryFn: () => api.runs.analysis(run.model_id, run.id),
  });
}
