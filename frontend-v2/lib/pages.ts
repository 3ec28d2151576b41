import type { SubjectKind } from "./subject";

interface PageEntry {
  name: string;
  label: string;
  /** Where the sidebar leads to it from: a line of its own, or the list of what it shows one of. */
  sidebar: "line" | "list";
  /** What its conversation is about; null where it has none. */
  subject: SubjectKind | null;
}

/** The pages there are. Each has its code in `components/shell/page-parts.ts` and, with a line, its icon in the sidebar. */
export const PAGES = [
  { name: "dashboard", label: "Dashboard", sidebar: "line", subject: null },
  { name: "run", label: "Run", sidebar: "list", subject: "run" },
] as const satisfies readonly PageEntry[];

export type PageName = (typeof PAGES)[number]["name"];

export const LINES = PAGES.filter((page) => page.sidebar === "line");
/** The pages with a line of their own in the sidebar. */
export type LineName = Extract<(typeof PAGES)[number], { sidebar: "line" }>["name"];

export const FIRST_PAGE: PageName = PAGES[0].name;
