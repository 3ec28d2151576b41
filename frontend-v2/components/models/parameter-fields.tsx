import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PARAMETERS, rangeOf, rangeText, takes, type ModelForm, type ParameterField } from "@/lib/model-form";
import type { ListedModel, ParameterRange } from "@/lib/types";

export interface ParameterFieldsProps {
  values: ModelForm["parameters"];
  errors: Record<string, string>;
  listed: ListedModel | undefined;
  ranges: Record<string, ParameterRange> | undefined;
  onChange: (name: string, value: string) => void;
}

/** The numbers sent with every request; empty is the provider's default. */
export function ParameterFields({ values, errors, listed, ranges, onChange }: ParameterFieldsProps) {
  const rare = PARAMETERS.filter((field) => !field.common);
  const [more, setMore] = useState(() => rare.some(({ name }) => values[name]));
  // What is stored is shown even where the model does not take it, so that it can be removed.
  const offered = (fields: readonly ParameterField[]) =>
    fields.filter(({ name }) => takes(listed, name) || values[name]);
  const show = ({ name, label, hint }: ParameterField) => {
    const range = rangeOf(name, listed, ranges);
    const refused = !takes(listed, name) ? "This model does not take it." : undefined;
    return (
      <Field
        key={name}
        label={label}
        error={errors[name] ?? refused}
        hint={range ? `${rangeText(range)}; ${hint}` : hint}
      >
        {(ids) => (
          <Input
            {...ids}
            inputMode="decimal"
            placeholder="default"
            data-testid={`model-${name}`}
            aria-invalid={Boolean(errors[name])}
            value={values[name] ?? ""}
            onChange={(event) => onChange(name, event.target.value)}
          />
        )}
      </Field>
    );
  };
  const common = offered(PARAMETERS.filter((field) => field.common));
  const unfolded = offered(rare);
  return (
    <fieldset className="space-y-2">
      <legend className="text-xs font-medium text-ink-2">Parameters</legend>
      {common.length ? <div className="grid gap-3 sm:grid-cols-3">{common.map(show)}</div> : null}
      {!common.length && !unfolded.length ? <p className="text-xs text-ink-3">This model takes none.</p> : null}
      {unfolded.length ? (
        <button
          type="button"
          aria-expanded={more}
          data-testid="more-parameters"
          className="text-xs text-accent-ink hover:underline"
          onClick={() => setMore(!more)}
        >
          {more ? "Fewer parameters" : `${unfolded.length} more parameters`}
        </button>
      ) : null}
      {more && unfolded.length ? <div className="grid gap-3 sm:grid-cols-3">{unfolded.map(show)}</div> : null}
    </fieldset>
  );
}
