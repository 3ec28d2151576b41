import { expect, it } from "vitest";
import { formOf, inputOf, OFFLINE_MODEL } from "./model-form";
import type { TradingModel } from "./types";

const model = {
  name: "A",
  ai_model: "openai/gpt-5",
  model_parameters: { temperature: 0.2, seed: 7 },
} as unknown as TradingModel;

it("a new model starts with the analyst that needs no key", () => expect(formOf(null).ai_model).toBe(OFFLINE_MODEL));

it("parameters the form does not show are kept, emptied ones go", () => {
  const form = { ...formOf(model), temperature: "", top_p: "0.9" };
  expect(inputOf(form, model).input.model_parameters).toEqual({ seed: 7, top_p: 0.9 });
});

it.each([
  [{ name: " " }, "name"],
  [{ temperature: "3" }, "temperature"],
  [{ temperature: "warm" }, "temperature"],
  [{ top_p: "-0.1" }, "top_p"],
  [{ max_completion_tokens: "1.5" }, "max_completion_tokens"],
  [{ max_completion_tokens: "0" }, "max_completion_tokens"],
])("%j is refused", (change, field) => {
  expect(Object.keys(inputOf({ ...formOf(model), ...change }, model).errors)).toEqual([field]);
});
