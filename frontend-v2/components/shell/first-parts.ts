import { storedSession } from "@/lib/supabase";
import { viewFromSearch } from "@/lib/view";

export const loadSignIn = () => import("./sign-in").then((module) => module.SignIn);
export const loadDashboard = () => import("@/components/dashboard/dashboard").then((module) => module.Dashboard);
export const loadRunView = () => import("@/components/runs/run-view").then((module) => module.RunView);

/**
 * Begins to fetch the code of what the address shows, beside what it will show: each part would ask for the next only
 * when it is drawn. What fails here is fetched again, and told, when it is needed.
 */
export function fetchFirstParts(): void {
  const { session, msLeft } = storedSession();
  if (!session || msLeft <= 0) {
    loadSignIn().catch(() => undefined);
    return;
  }
  const onDashboard = viewFromSearch(window.location.search).run === null;
  (onDashboard ? loadDashboard() : loadRunView()).catch(() => undefined);
}
