import type { PageName } from "@/lib/pages";
import { storedSession } from "@/lib/supabase";
import { viewFromSearch } from "@/lib/view";

export const loadSignIn = () => import("./sign-in").then((module) => module.SignIn);

const loadDashboard = () => import("@/components/dashboard/dashboard").then((module) => module.Dashboard);
const loadRun = () => import("@/components/runs/run-view").then((module) => module.RunView);

/** The code of each page, fetched when the page is first shown. */
export const LOAD_PAGE = { dashboard: loadDashboard, run: loadRun } satisfies Record<PageName, () => Promise<unknown>>;

/** Begins to fetch a page's code; what fails here is fetched again, and told, when it is needed. */
export const fetchPage = (page: PageName): void => void LOAD_PAGE[page]().catch(() => undefined);

/**
 * Begins to fetch the code of what the address shows, beside what it will show: each part would ask for the next only
 * when it is drawn.
 */
export function fetchFirstParts(): void {
  const { session, msLeft } = storedSession();
  if (session && msLeft > 0) fetchPage(viewFromSearch(window.location.search).page);
  else loadSignIn().catch(() => undefined);
}
