/** What an import says of a file. */

export interface ImportReport {
  format: string;
  positions: number;
  trades: number;
  skipped: { line: number | null; why: string }[];
  warnings: string[];
  checks?: ImportCheck[];
}

/** Something that the file states itself, held against what was read. */
export interface ImportCheck {
  what: string;
  outcome: "agrees" | "applied" | "offered" | "differs" | "unchecked";
  message: string;
  symbol?: string | null;
  rows?: number;
  apart?: number;
  /** Applied, or (`offered`) one that would fit. */
  multiplier?: number | null;
}

/** What the file can't say and a person can: `field` is the option that answers it. */
export interface ImportQuestion {
  field: string;
  message: string;
  symbol?: string | null;
  choices?: string[];
}

export interface PreviewRow {
  ts: string;
  action: string;
  symbol: string;
  quantity: number | null;
  price: number | null;
  fees: number;
  realized_pnl: number | null;
  trade_ref: string | null;
  tag: string | null;
}

/** A column's name with what it is taken for; null for a column that is not used. */
export type ColumnMapping = Record<string, string | null>;

export interface ImportedBefore {
  run_id: number;
  run_number: number;
  name: string;
}

/** What an import would make of a file. */
export interface ImportPreview {
  format: string;
  confidence: "high" | "medium" | "low";
  name: string | null;
  positions: number;
  trades: number;
  skipped_count: number;
  net_pnl: number | null;
  first_rows: PreviewRow[];
  warnings: string[];
  currency: string | null;
  timezone: string | null;
  initial_cash: number | null;
  strategies: string[];
  mapping: ColumnMapping | null;
  meanings: string[];
  problem: { code: string; message: string; line: number | null; column: string | null } | null;
  already_imported: ImportedBefore | null;
  checks?: ImportCheck[];
  questions?: ImportQuestion[];
}
