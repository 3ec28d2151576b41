/** Where the reader is: kept in the address, so that a reload or a shared link returns there. */
export interface View {
  /** Run id; null is the dashboard. */
  run: number | null;
  /** A saved conversation, a new one, or (null) the run's newest. */
  session: number | "new" | null;
  /** A message of the saved conversation that is looked for; null shows its end. */
  message: number | null;
  /** Which part of a run is in front. */
  tab: Tab;
  /** Which of the run's trades the list shows, as a query string; "" is all of them. */
  filter: string;
}

export const TABS = ["chat", "overview", "trades"] as const;
export type Tab = (typeof TABS)[number];

export const DASHBOARD: View = { run: null, session: null, message: null, tab: "chat", filter: "" };

function id(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function viewFromSearch(search: string): View {
  const params = new URLSearchParams(search);
  const run = id(params.get("run"));
  if (run === null) return DASHBOARD;
  const session = params.get("session") === "new" ? "new" : id(params.get("session"));
  return {
    run,
    session,
    message: typeof session === "number" ? id(params.get("message")) : null,
    tab: TABS.find((tab) => tab === params.get("tab")) ?? "chat",
    filter: params.get("trades") ?? "",
  };
}

/** Where a change leads from a view. A message belongs to its conversation, and is left with it. */
export function changeView(view: View, change: Partial<View>): View {
  const leaves = "run" in change || "session" in change;
  return { ...view, ...(leaves ? { message: null } : {}), ...change };
}

/** Whether two views show one conversation in one place of it. */
export const sameConversation = (a: View, b: View): boolean =>
  a.run === b.run && a.session === b.session && (b.message === null || a.message === b.message);

export function searchFromView(view: View): string {
  if (view.run === null) return "";
  const params = new URLSearchParams({ run: String(view.run) });
  if (view.session !== null) params.set("session", String(view.session));
  if (view.message !== null) params.set("message", String(view.message));
  if (view.tab !== "chat") params.set("tab", view.tab);
  if (view.tab === "trades" && view.filter) params.set("trades", view.filter);
  return `?${params.toString()}`;
}
