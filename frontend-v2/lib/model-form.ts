import type { ModelInput, TradingModel } from "./types";

export const OFFLINE_MODEL = "offline/analyst";

/** The settings form as typed: numbers are text until they are saved. */
export interface ModelForm {
  name: string;
  ai_model: string;
  temperature: string;
  top_p: string;
  max_completion_tokens: string;
  custom_instructions: string;
}

const PARAMETERS = [
  { name: "temperature", low: 0, high: 2, whole: false },
  { name: "top_p", low: 0, high: 1, whole: false },
  { name: "max_completion_tokens", low: 1, high: 1_000_000, whole: true },
] as const;

export type FormErrors = Partial<Record<keyof ModelForm, string>>;

export function formOf(model: TradingModel | null): ModelForm {
  const text = (name: string): string => {
    const value = model?.model_parameters[name];
    return typeof value === "number" ? String(value) : "";
  };
  return {
    name: model?.name ?? "",
    ai_model: model?.ai_model ?? OFFLINE_MODEL,
    temperature: text("temperature"),
    top_p: text("top_p"),
    max_completion_tokens: text("max_completion_tokens"),
    custom_instructions: model?.custom_instructions ?? "",
  };
}

/**
 * The form as the API takes it, or what is wrong with it. Parameters the form does not show (set through the API) are
 * kept; an emptied field removes its parameter.
 */
export function inputOf(form: ModelForm, model: TradingModel | null): { input: ModelInput; errors: FormErrors } {
  const errors: FormErrors = {};
  const parameters: Record<string, unknown> = { ...model?.model_parameters };
  if (!form.name.trim()) errors.name = "Give the model a name.";
  if (!form.ai_model.trim()) errors.ai_model = "Choose a model.";
  for (const { name, low, high, whole } of PARAMETERS) {
    const typed = form[name].trim();
    if (!typed) {
      delete parameters[name];
      continue;
    }
    const value = Number(typed);
    if (!Number.isFinite(value) || value < low || value > high || (whole && !Number.isInteger(value)))
      errors[name] = `${whole ? "A whole number" : "A number"} from ${low} to ${high.toLocaleString("en-US")}.`;
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
