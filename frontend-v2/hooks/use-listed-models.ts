import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/components/shell/auth-provider";

/** OpenRouter's models with what each takes, as the server last had them. */
export function useListedModels() {
  const api = useApi();
  return useQuery({ queryKey: ["openrouter"], queryFn: () => api.models.available(), staleTime: 600_000 });
}
