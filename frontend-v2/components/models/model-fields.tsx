import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Textarea } from "@/components/ui/textarea";
import { formatCount } from "@/lib/format";
import { useListedModels } from "@/hooks/use-listed-models";
import { formOf, inputOf, isClean, OFFLINE_MODEL, type FormErrors, type ModelForm } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";
import { ModelPicker } from "./model-picker";
import { ParameterFields } from "./parameter-fields";

/** What the server takes. */
const MOST_INSTRUCTIONS = 20_000;

export interface ModelFieldsProps {
  model: TradingModel | null;
  onSaved: (model: TradingModel) => void;
}

export function ModelFields({ model, onSaved }: ModelFieldsProps) {
  const api = useApi();
  const queries = useQueryClient();
  const [form, setForm] = useState<ModelForm>(() => formOf(model));
  const [errors, setErrors] = useState<FormErrors>({ parameters: {} });
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const listing = useListedModels().data;
  const listed = listing?.items.find((candidate) => candidate.id === form.ai_model);
  const set = (change: Partial<ModelForm>): void => setForm((before) => ({ ...before, ...change }));

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { input, errors: found } = inputOf(form, model, listed, listing?.parameter_ranges);
    setErrors(found);
    if (!isClean(found)) return;
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
      {form.ai_model === OFFLINE_MODEL ? null : (
        <ParameterFields
          values={form.parameters}
          errors={errors.parameters}
          listed={listed}
          ranges={listing?.parameter_ranges}
          onChange={(name, value) => set({ parameters: { ...form.parameters, [name]: value } })}
        />
      )}
      <Field
        label="Custom instructions"
        hint={`Added to every question about this strategy’s runs. ${formatCount(form.custom_instructions.length)} of ${formatCount(MOST_INSTRUCTIONS)} characters.`}
      >
        {(ids) => (
          <Textarea
            {...ids}
            data-testid="model-instructions"
            maxLength={MOST_INSTRUCTIONS}
            placeholder="Answer in German. I trade this strategy with at most 2 % risk per trade."
            value={form.custom_instructions}
            onChange={(event) => set({ custom_instructions: event.target.value })}
          />
        )}
      </Field>
      {problem ? <ProblemNote error={problem} /> : null}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" data-testid="model-save" disabled={busy}>
          {model ? "Save changes" : "Create strategy"}
        </Button>
      </div>
    </form>
  );
}
