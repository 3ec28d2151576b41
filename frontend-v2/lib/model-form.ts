import { formatCount } from "./format";
import type { ListedModel, ModelInput, ParameterRange, TradingModel } from "./types";

export const OFFLINE_MODEL = "offline/analyst";

export interface ParameterField {
  name: string;
  label: string;
  hint: string;
  /** Shown at once; the others unfold. */
  common: boolean;
}

/** The numeric parameters the form offers; a model that says what it takes is offered no others. */
export const PARAMETERS: readonly ParameterField[] = [
  { name: "temperature", label: "Temperature", hint: "lower is more repeatable", common: true },
  { name: "top_p", label: "Top P", hint: "share of likely words considered", common: true },
  { name: "max_completion_tokens", label: "Max tokens", hint: "longest answer", common: true },
  { name: "top_k", label: "Top K", hint: "words considered", common: false },
  { name: "min_p", label: "Min P", hint: "against the likeliest word", common: false },
  { name: "frequency_penalty", label: "Frequency penalty", hint: "against repeating often", common: false },
  { name: "presence_penalty", label: "Presence penalty", hint: "against repeating at all", common: false },
  { name: "repetition_penalty", label: "Repetition penalty", hint: "1 is none", common: false },
  { name: "seed", label: "Seed", hint: "same seed, similar answer", common: false },
];

/** What the server enforces for every model; used until its list is there. */
const KNOWN_RANGES: Record<string, ParameterRange> = {
  temperature: { low: 0, high: 2, low_excluded: false, whole: false },
  top_p: { low: 0, high: 1, low_excluded: true, whole: false },
  max_completion_tokens: { low: 1, high: 1_000_000, low_excluded: false, whole: true },
};

/** The settings form as typed: numbers are text until they are saved. */
export interface ModelForm {
  name: string;
  ai_model: string;
  parameters: Record<string, string>;
  custom_instructions: string;
}

export interface FormErrors {
  name?: string;
  ai_model?: string;
  parameters: Record<string, string>;
}

export const isClean = (errors: FormErrors): boolean =>
  !errors.name && !errors.ai_model && !Object.keys(errors.parameters).length;

export function formOf(model: TradingModel | null): ModelForm {
  const stored = PARAMETERS.flatMap(({ name }) => {
    const value = model?.model_parameters[name];
    return typeof value === "number" ? [[name, String(value)]] : [];
  });
  return {
    name: model?.name ?? "",
    ai_model: model?.ai_model ?? OFFLINE_MODEL,
    parameters: Object.fromEntries(stored) as Record<string, string>,
    custom_instructions: model?.custom_instructions ?? "",
  };
}

/** Providers list the limit on an answer under its older name too. */
const LISTED_AS: Record<string, readonly string[]> = {
  max_completion_tokens: ["max_completion_tokens", "max_tokens"],
};

/** Whether a model takes a parameter; true where its list does not tell. */
export function takes(listed: ListedModel | undefined, name: string): boolean {
  const supported = listed?.supported_parameters;
  return !supported || (LISTED_AS[name] ?? [name]).some((alias) => supported.includes(alias));
}

/** Between what a parameter may be for this model; null where anything goes. */
export function rangeOf(
  name: string,
  listed: ListedModel | undefined,
  ranges: Record<string, ParameterRange> | undefined,
): ParameterRange | null {
  const range = ranges?.[name] ?? KNOWN_RANGES[name];
  if (!range) return null;
  const most = listed?.max_completion_tokens;
  return name === "max_completion_tokens" && most ? { ...range, high: Math.min(range.high, most) } : range;
}

export function rangeText(range: ParameterRange): string {
  const show = (value: number): string => (Number.isInteger(value) ? formatCount(value) : String(value));
  return `${range.low_excluded ? "above " : ""}${show(range.low)} to ${show(range.high)}`;
}

function checkNumber(typed: string, range: ParameterRange | null, whole: boolean): number | string {
  const value = Number(typed);
  const bad = !Number.isFinite(value) || (whole && !Number.isInteger(value));
  const outside = range && (value < range.low || value > range.high || (range.low_excluded && value === range.low));
  if (!bad && !outside) return value;
  return `${whole ? "A whole number" : "A number"}${range ? `, ${rangeText(range)}` : ""}.`;
}

/**
 * The form as the API takes it, or what is wrong with it. Parameters the form does not show (set through the API) are
 * kept; an emptied field removes its parameter.
 */
export function inputOf(
  form: ModelForm,
  model: TradingModel | null,
  listed?: ListedModel,
  ranges?: Record<string, ParameterRange>,
): { input: ModelInput; errors: FormErrors } {
  const errors: FormErrors = { parameters: {} };
  const parameters: Record<string, unknown> = { ...model?.model_parameters };
  if (!form.name.trim()) errors.name = "Give the strategy a name.";
  if (!form.ai_model.trim()) errors.ai_model = "Choose a model.";
  for (const { name } of PARAMETERS) {
    const typed = (form.parameters[name] ?? "").trim();
    delete parameters[name];
    if (!typed) continue;
    const range = rangeOf(name, listed, ranges);
    const value = checkNumber(typed, range, range?.whole ?? name === "seed");
    if (typeof value === "string") errors.parameters[name] = value;
    else parameters[name] = value;
  }
  const input = {
    name: form.name.trim(),
    ai_model: form.ai_model.trim(),
    model_parameters: parameters,
    custom_instructions: form.custom_instructions,
  };
  return { input, errors };
}
