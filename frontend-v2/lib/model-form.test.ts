import { expect, it } from "vitest";
import { formOf, inputOf, OFFLINE_MODEL, takes } from "./model-form";
import type { ListedModel, TradingModel } from "./types";

const model = {
  name: "A",
  ai_model: "openai/gpt-5",
  model_parameters: { temperature: 0.2, seed: 7 },
} as unknown as TradingModel;

it("a new model starts with the analyst that needs no key", () => expect(formOf(null).ai_model).toBe(OFFLINE_MODEL));

it("parameters the form does not show are kept, emptied ones go", () => {
  const stored = { ...model, model_parameters: { temperature: 0.2, seed: 7, verbosity: "low" } } as TradingModel;
  const form = { ...formOf(stored), parameters: { temperature: "", top_p: "0.9", seed: "7" } };
  expect(inputOf(form, stored).input.model_parameters).toEqual({ verbosity: "low", seed: 7, top_p: 0.9 });
});

it("a model without a name is refused", () => {
  expect(inputOf({ ...formOf(model), name: " " }, model).errors).toEqual({
    name: "Give the strategy a name.",
    parameters: {},
  });
});

it.each([
  ["temperature", "3"],
  ["temperature", "warm"],
  ["top_p", "-0.1"],
  ["top_p", "0"],
  ["max_completion_tokens", "1.5"],
  ["max_completion_tokens", "0"],
  ["seed", "0.5"],
])("%s of %s is refused", (name, typed) => {
  const { errors } = inputOf({ ...formOf(model), parameters: { [name]: typed } }, model);
  expect(Object.keys(errors.parameters)).toEqual([name]);
});

it("a model's own limits hold", () => {
  const listed = {
    id: "a/b",
    supported_parameters: ["max_tokens", "seed"],
    max_completion_tokens: 4096,
  } as ListedModel;
  expect(["max_completion_tokens", "seed", "temperature"].map((name) => takes(listed, name))).toEqual([
    true,
    true,
    false,
  ]);
  expect(takes({ ...listed, supported_parameters: null }, "temperature")).toBe(true);
  const form = { ...formOf(model), parameters: { max_completion_tokens: "5000" } };
  expect(inputOf(form, model, listed).errors.parameters.max_completion_tokens).toContain("4,096");
});
