/** Where the reader is: kept in the address, so that a reload or a shared link returns there. */
export interface View {
  /** Run id; null is the dashboard. */
  run: number | null;
  /** A saved conversation, a new one, or (null) the run's newest. */
  session: number | "new" | null;
  /** Which half of a run a narrow screen shows. */
  tab: "chat" | "overview";
}

export const DASHBOARD: View = { run: null, session: null, tab: "chat" };

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
    tab: params.get("tab") === "overview" ? "overview" : "chat",
  };
}

export function searchFromView(view: View): string {
  if (view.run === null) return "";
  const params = new URLSearchParams({ run: String(view.run) });
  if (view.session !== null) params.set("session", String(view.session));
  if (view.tab === "overview") params.set("tab", "overview");
  return `?${params.toString()}`;
}
