/** What every part of the API shares. */

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface AppConfig {
  mode: "embedded" | "supabase";
  supabase_url: string;
  supabase_anon_key: string;
  demo: { email: string; password: string } | null;
  /** Whether accounts can be made; servers of an earlier version do not say. */
  signup?: boolean;
}

export interface ProblemItem {
  line?: number | null;
  column?: string | number | null;
  field?: string | null;
  why: string;
  run_id?: number;
  run_number?: number;
  name?: string;
}

/** What a stop did; `saved`: it came too late, the answer was being saved and is kept. */
export interface Stopped {
  stopped: boolean;
  saved: boolean;
}
