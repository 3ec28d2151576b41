/** Where the reader is: kept in the address, so that a reload or a shared link returns there. */
export interface View {
  /** Run id; null is the dashboard. */
  run: number | null;
  /** A saved conversation, a new one, or (null) the run's newest. */
  session: number | "new" | null;
  /** Which part of a run is in front. */
  tab: Tab;
  /** Which of the run's trades the list shows, as a query string; "" is all of them. */
  filter: string;
}

export const TABS = ["chat", "overview", "trades"] as const;
export type Tab = (typeof TABS)[number];

export const DASHBOARD: View = { run: null, session: null, tab: "chat", filter: "" };

function id(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function viewFromSearch(search: string): View {
  const params = new URLSearchParams(search);
  const run = id(params.get("run"));
  if (run === null) return DASHBOARD;
  const session = params.get("session");
  return {
    run,
    session: session === "new" ? "new" : id(session),
    tab: TABS.find((tab) => tab === params.get("tab")) ?? "chat",
    filter: params.get("trades") ?? "",
  };
}

export function searchFromView(view: View): string {
  if (view.run === null) return "";
  const params = new URLSearchParams({ run: String(view.run) });
  if (view.session !== null) params.set("session", String(view.session));
  if (view.tab !== "chat") params.set("tab", view.tab);
  if (view.tab === "trades" && view.filter) params.set("trades", view.filter);
  return `?${params.toString()}`;
}
