import { ApiError } from "./api";
import { formatCount, formatNumber, plural } from "./format";
import type { ImportStep } from "./import-events";
import type { ColumnMapping, ImportedBefore, ImportPreview } from "./types";
import type { UploadProgress, Watched } from "./upload";

export const IMPORT_OPTIONS = [
  { name: "name", label: "Name", placeholder: "from the file" },
  { name: "symbol", label: "Symbol", placeholder: "if the file names none" },
  { name: "initial_cash", label: "Initial cash", placeholder: "from the file" },
  { name: "currency", label: "Currency", placeholder: "e.g. USDT" },
  { name: "timezone", label: "Time zone", placeholder: "e.g. America/New_York" },
  { name: "strategy", label: "Strategy", placeholder: "if the file holds several" },
] as const;

/** Options that are asked for only where the file leaves them open. */
const ANSWERS = ["date_order", "long_only", "account"] as const;

export type ImportOptionName = (typeof IMPORT_OPTIONS)[number]["name"] | (typeof ANSWERS)[number];

/** What a person has said about the file to import. */
export interface ImportDraft {
  options: Partial<Record<ImportOptionName, string>>;
  /** Only the columns whose meaning was changed. */
  mapping: ColumnMapping;
  /** What one point of a symbol is worth, as typed. */
  multipliers: Readonly<Record<string, string>>;
}

export const EMPTY_DRAFT: ImportDraft = { options: {}, mapping: {}, multipliers: {} };

/** The multipliers that are numbers above zero; what is half typed is not sent. */
const multipliersOf = ({ multipliers }: ImportDraft): [string, number][] =>
  Object.entries(multipliers)
    .map(([symbol, text]): [string, number] => [symbol, Number(text.trim().replace(",", "."))])
    .filter(([, value]) => Number.isFinite(value) && value > 0);

/** The draft as the API's form takes it. */
export function importForm(file: File, draft: ImportDraft, again = false): FormData {
  const form = new FormData();
  form.set("file", file);
  for (const name of [...IMPORT_OPTIONS.map((option) => option.name), ...ANSWERS]) {
    const value = draft.options[name]?.trim();
    if (value) form.set(name, value);
  }
  if (Object.keys(draft.mapping).length) form.set("mapping", JSON.stringify(draft.mapping));
  const multipliers = multipliersOf(draft);
  if (multipliers.length) form.set("multipliers", JSON.stringify(Object.fromEntries(multipliers)));
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

const isStep = (progress: Watched): progress is ImportStep => "stage" in progress;

/** "Reading rows", "Reading rows: 8,192" or "Reading rows: 8,192 of 60,000". */
function counting(what: string, { rows, total }: ImportStep): string {
  if (total !== null) return `${what}: ${formatCount(rows)} of ${formatCount(total)}`;
  return rows ? `${what}: ${formatCount(rows)}` : what;
}

function stepText(step: ImportStep, doing: string): string {
  switch (step.stage) {
    case "waiting":
      return "Waiting for another import to end";
    case "reading":
      return counting("Reading rows", step);
    case "converting":
      return counting("Checking rows", step);
    case "computing":
      return "Computing the figures";
    case "saving":
      return counting("Saving rows", step);
    case "storing":
      return `Storing ${plural(step.rows, "row")} in the database`;
    default:
      return doing;
  }
}

/** One line about an import: the bytes that have left, then what the server is at. */
export function progressText(progress: Watched | null, doing: string): string {
  if (!progress) return doing;
  if (isStep(progress)) return stepText(progress, doing);
  return bytesText(progress, doing);
}

/** The same without its numbers, which a screen reader would read out five times a second. */
export function stageText(progress: Watched | null, doing: string): string {
  if (!progress) return doing;
  if (!isStep(progress)) return progress.total && progress.sent >= progress.total ? doing : "Uploading";
  return stepText({ ...progress, rows: 0, total: null }, doing).replace("Storing 0 rows", "Storing the rows");
}

function bytesText({ sent, total }: UploadProgress, doing: string): string {
  if (total && sent >= total) return doing;
  const size = (bytes: number): string =>
    bytes < 1e6 ? `${formatNumber(bytes / 1e3, 0)} kB` : `${formatNumber(bytes / 1e6, 1)} MB`;
  return total ? `Uploading: ${size(sent)} of ${size(total)}` : `Uploading: ${size(sent)}`;
}

const COUNTED = ["reading", "converting", "saving"];

/** The share that is done of what goes on just now, 0 to 1; null when it is not known. */
export function progressShare(progress: Watched | null): number | null {
  if (!progress || !progress.total) return null;
  if (isStep(progress)) return COUNTED.includes(progress.stage) ? Math.min(1, progress.rows / progress.total) : null;
  return progress.sent < progress.total ? progress.sent / progress.total : null;
}

/** Whether the server no longer ends the import when its caller leaves: all is with the database. */
export const isPastCancelling = (progress: Watched | null): boolean =>
  progress !== null && isStep(progress) && progress.stage === "storing";

/** What a cancelled import means for the run, by how far it was. */
export const cancelledText = (progress: Watched | null): string =>
  progress !== null && isStep(progress) && ["saving", "storing"].includes(progress.stage)
    ? "Import cancelled while its rows were being saved. If all had been sent, the run is in the list; otherwise nothing was saved."
    : "Import cancelled. Nothing was saved.";

/** The run that a refused file was imported as; null for any other refusal. */
export function importedBefore(error: unknown): ImportedBefore | null {
  if (!(error instanceof ApiError) || error.code !== "already_imported") return null;
  const item = error.errors[0];
  if (item?.run_id === undefined || item.run_number === undefined) return null;
  return { run_id: item.run_id, run_number: item.run_number, name: item.name ?? "" };
}
