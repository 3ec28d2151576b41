import { FIRST_PAGE, PAGES, type PageName } from "./pages";
import { sameSubject, SUBJECTS, type Subject } from "./subject";

/** Where the reader is: kept in the address, so that a reload or a shared link returns there. */
export interface View {
  page: PageName;
  /** What the page shows and its conversation is about; null for a page without. */
  subject: Subject | null;
  /** A saved conversation, a new one, or (null) the subject's newest. */
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

export const FIRST_VIEW: View = {
  page: FIRST_PAGE,
  subject: null,
  session: null,
  message: null,
  tab: "chat",
  filter: "",
};

/** The change that leads to a page without a subject. */
export const toPage = (page: PageName): Partial<View> => ({ ...FIRST_VIEW, page });

/** The change that leads to a run's newest conversation. */
export const toRun = (id: number): Partial<View> => ({
  page: "run",
  subject: { kind: "run", id },
  session: null,
  tab: "chat",
});

/** The run that is shown, if one is. */
export const runOf = ({ subject }: View): number | null => (subject?.kind === "run" ? subject.id : null);

function id(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** `?run=5` is the page of run 5, `?page=…` one without a number. */
function placeFrom(params: URLSearchParams): Pick<View, "page" | "subject"> {
  for (const { name, subject } of PAGES) {
    const row = SUBJECTS.find(({ kind }) => kind === subject);
    if (!row) continue;
    const number = id(params.get(row.kind));
    if (row.numbered && number !== null) return { page: name, subject: { kind: row.kind, id: number } };
    if (!row.numbered && params.get("page") === name) return { page: name, subject: { kind: row.kind, id: null } };
  }
  const page = PAGES.find(({ name, subject }) => subject === null && name === params.get("page"));
  return { page: page?.name ?? FIRST_PAGE, subject: null };
}

export function viewFromSearch(search: string): View {
  const params = new URLSearchParams(search);
  const place = placeFrom(params);
  if (place.subject === null) return { ...FIRST_VIEW, ...place };
  const session = params.get("session") === "new" ? "new" : id(params.get("session"));
  return {
    ...place,
    session,
    message: typeof session === "number" ? id(params.get("message")) : null,
    tab: TABS.find((tab) => tab === params.get("tab")) ?? "chat",
    filter: params.get("trades") ?? "",
  };
}

/** Where a change leads from a view. A message belongs to its conversation, and is left with it. */
export function changeView(view: View, change: Partial<View>): View {
  const leaves = "subject" in change || "session" in change;
  return { ...view, ...(leaves ? { message: null } : {}), ...change };
}

/** Whether two views show one conversation in one place of it. */
export const sameConversation = (a: View, b: View): boolean =>
  a.page === b.page &&
  sameSubject(a.subject, b.subject) &&
  a.session === b.session &&
  (b.message === null || a.message === b.message);

export function searchFromView(view: View): string {
  const { page, subject, session, message, tab, filter } = view;
  const params = new URLSearchParams();
  if (subject !== null && subject.id !== null) params.set(subject.kind, String(subject.id));
  else if (page !== FIRST_PAGE) params.set("page", page);
  if (subject !== null) {
    if (session !== null) params.set("session", String(session));
    if (message !== null) params.set("message", String(message));
    if (tab !== "chat") params.set("tab", tab);
    if (tab === "trades" && filter) params.set("trades", filter);
  }
  return params.size ? `?${params.toString()}` : "";
}
