import type { UploadProgress } from "./upload";
import { ApiError } from "./api";
import { formatNumber } from "./format";
import type { ColumnMapping, ImportedBefore, ImportPreview } from "./types";

export const IMPORT_OPTIONS = [
  { name: "name", label: "Name", placeholder: "from the file" },
  { name: "symbol", label: "Symbol", placeholder: "if the file names none" },
  { name: "initial_cash", label: "Initial cash", placeholder: "from the file" },
  { name: "currency", label: "Currency", placeholder: "e.g. USDT" },
  { name: "timezone", label: "Time zone", placeholder: "e.g. America/New_York" },
  { name: "strategy", label: "Strategy", placeholder: "if the file holds several" },
] as const;

export type ImportOptionName = (typeof IMPORT_OPTIONS)[number]["name"];

/** What a person has said about the file to import. */
export interface ImportDraft {
  options: Partial<Record<ImportOptionName, string>>;
  /** Only the columns whose meaning was changed. */
  mapping: ColumnMapping;
}

export const EMPTY_DRAFT: ImportDraft = { options: {}, mapping: {} };

/** The draft as the API's form takes it. */
export function importForm(file: File, draft: ImportDraft, again = false): FormData {
  const form = new FormData();
  form.set("file", file);
  for (const { name } of IMPORT_OPTIONS) {
    const value = draft.options[name]?.trim();
    if (value) form.set(name, value);
  }
  if (Object.keys(draft.mapping).length) form.set("mapping", JSON.stringify(draft.mapping));
  if (again) form.set("again", "true");
  return form;
}

/** The draft with one column given another meaning; a meaning serves one column, so it is taken from its holder. */
export function withMeaning(
  draft: ImportDraft,
  shown: ColumnMapping,
  column: string,
  meaning: string | null,
): ImportDraft {
  const mapping = { ...draft.mapping };
  if (meaning !== null) {
    for (const [other, held] of Object.entries(shown)) if (other !== column && held === meaning) mapping[other] = null;
  }
  mapping[column] = meaning;
  return { ...draft, mapping };
}

/** The mapping to show: what was recognised, with what the person changed since. */
export const shownMapping = (preview: ImportPreview, draft: ImportDraft): ColumnMapping =>
  Object.fromEntries(
    Object.entries(preview.mapping ?? {}).map(([column, meaning]) => [
      column,
      column in draft.mapping ? (draft.mapping[column] ?? null) : meaning,
    ]),
  );

/** What the strategies to choose from are: those the file named when it asked, kept while one of them is shown. */
export function strategiesOf(preview: ImportPreview, known: readonly string[]): readonly string[] {
  if (preview.strategies.length > 1) return preview.strategies;
  const only = preview.strategies[0];
  return only !== undefined && known.includes(only) ? known : preview.strategies;
}

const CONFIDENCE = {
  high: "recognised by its own marks",
  medium: "columns recognised by their names",
  low: "needs your help",
} as const;

export const confidenceText = (preview: ImportPreview): string => CONFIDENCE[preview.confidence];

/** One line about an upload: the bytes that have left, then that the server reads the rows. */
export function progressText(progress: UploadProgress | null, doing: string): string {
  if (!progress) return "";
  const { sent, total } = progress;
  if (total && sent >= total) return doing;
  const size = (bytes: number): string =>
    bytes < 1e6 ? `${formatNumber(bytes / 1e3, 0)} kB` : `${formatNumber(bytes / 1e6, 1)} MB`;
  return total ? `Uploading: ${size(sent)} of ${size(total)}` : `Uploading: ${size(sent)}`;
}

/** The sent share, 0 to 1; null when it is not known (or all is sent and the server is at work). */
export const progressShare = (progress: UploadProgress | null): number | null =>
  progress && progress.total > 0 && progress.sent < progress.total ? progress.sent / progress.total : null;

/** The run that a refused file was imported as; null for any other refusal. */
export function importedBefore(error: unknown): ImportedBefore | null {
  if (!(error instanceof ApiError) || error.code !== "already_imported") return null;
  const item = error.errors[0];
  if (item?.run_id === undefined || item.run_number === undefined) return null;
  return { run_id: item.run_id, run_number: item.run_number, name: item.name ?? "" };
}
