import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ApiError } from "@/lib/api";
import { AskProvider } from "./ask-provider";
import { AuthProvider } from "./auth-provider";
import { ViewProvider } from "./view-provider";

/** Refusals stay refusals; only a lost line or a failing server is worth a second try. */
const worthRetrying = (count: number, error: unknown): boolean =>
  count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500);

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: 30_000, retry: worthRetrying, refetchOnWindowFocus: false } },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <AuthProvider>
        <ViewProvider>
          <AskProvider>{children}</AskProvider>
        </ViewProvider>
      </AuthProvider>
    </QueryClientProvider>
  );
}
