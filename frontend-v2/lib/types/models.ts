/** Trading models, the list they are chosen from, their keys and adopted rules. */

import type { Page } from "./common";

export interface TradingModel {
  id: number;
  name: string;
  ai_model: string;
  model_parameters: Record<string, unknown>;
  custom_instructions: string;
  api_key_hint: string | null;
  /** `unreadable`: the server's own key changed, and this one has to be entered again. */
  api_key_state: "none" | "ready" | "unreadable";
  run_count: number;
  created_at: string;
  updated_at: string;
}

export interface ModelInput {
  name: string;
  ai_model: string;
  model_parameters: Record<string, unknown>;
  custom_instructions: string;
}

export interface ListedModel {
  id: string;
  name: string;
  context_length: number | null;
  prompt_price: number | null;
  completion_price: number | null;
  supports_tools: boolean;
  /** Null where the list does not tell. */
  supported_parameters?: string[] | null;
  max_completion_tokens?: number | null;
}

export interface ParameterRange {
  low: number;
  high: number;
  low_excluded: boolean;
  whole: boolean;
}

export interface ModelListing extends Page<ListedModel> {
  stale?: boolean;
  fetched_at?: string | null;
  parameter_ranges?: Record<string, ParameterRange>;
}

/** What OpenRouter says of a key, in USD; null where it does not, or where there is no limit. */
export interface KeyCredit {
  usage: number | null;
  limit: number | null;
  limit_remaining: number | null;
  is_free_tier: boolean | null;
}

export interface KeyState {
  api_key_hint: string | null;
  credit: KeyCredit | null;
}

export interface ModelRule {
  id: number;
  model_id: number;
  name: string;
  kind: string;
  params: Record<string, unknown>;
  code: string;
  enabled: boolean;
  created_at: string;
}
