"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Textarea } from "@/components/ui/textarea";
import { formOf, inputOf, type FormErrors, type ModelForm } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";
import { ModelPicker } from "./model-picker";

const NUMBERS = [
  { name: "temperature", label: "Temperature" },
  { name: "top_p", label: "Top P" },
  { name: "max_completion_tokens", label: "Max tokens" },
] as const;

export interface ModelFieldsProps {
  model: TradingModel | null;
  onSaved: (model: TradingModel) => void;
}

export function ModelFields({ model, onSaved }: ModelFieldsProps) {
  const api = useApi();
  const queries = useQueryClient();
  const [form, setForm] = useState<ModelForm>(() => formOf(model));
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<ModelForm>): void => setForm((before) => ({ ...before, ...change }));

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { input, errors: found } = inputOf(form, model);
    setErrors(found);
    if (Object.keys(found).length) return;
    setBusy(true);
    setProblem(null);
    try {
      const saved = model ? await api.models.update(model.id, input) : await api.models.create(input);
      await queries.invalidateQueries({ queryKey: ["models"] });
      onSaved(saved);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="space-y-4" noValidate>
      <Field label="Name" error={errors.name}>
        {(ids) => (
          <Input
            {...ids}
            data-testid="model-name"
            maxLength={200}
            placeholder="BTC momentum"
            value={form.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <ModelPicker value={form.ai_model} error={errors.ai_model} onChange={(ai_model) => set({ ai_model })} />
      <div className="grid grid-cols-3 gap-3">
        {NUMBERS.map(({ name, label }) => (
          <Field key={name} label={label} error={errors[name]}>
            {(ids) => (
              <Input
                {...ids}
                inputMode="decimal"
                placeholder="default"
                data-testid={`model-${name}`}
                value={form[name]}
                onChange={(event) => set({ [name]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <Field label="Custom instructions" hint="Added to every question about this model’s runs.">
        {(ids) => (
          <Textarea
            {...ids}
            data-testid="model-instructions"
            value={form.custom_instructions}
            onChange={(event) => set({ custom_instructions: event.target.value })}
          />
        )}
      </Field>
      {problem ? <ProblemNote error={problem} /> : null}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" data-testid="model-save" disabled={busy}>
          {model ? "Save changes" : "Create model"}
        </Button>
      </div>
    </form>
  );
}
