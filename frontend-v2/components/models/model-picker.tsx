"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { formatCount, formatNumber } from "@/lib/format";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { ListedModel } from "@/lib/types";

const OFFLINE: ListedModel = {
  id: OFFLINE_MODEL,
  name: "Offline analyst — deterministic, no language model, no key",
  context_length: null,
  prompt_price: 0,
  completion_price: 0,
  supports_tools: true,
};

const MOST_SHOWN = 60;

/** Every word typed must occur in the id or the name. */
export function filterModels(models: readonly ListedModel[], typed: string): ListedModel[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.id} ${model.name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function priceText(model: ListedModel): string {
  if (model.prompt_price === null || model.completion_price === null) return "price unknown";
  if (model.prompt_price === 0 && model.completion_price === 0) return "free";
  return `$${formatNumber(model.prompt_price)} in / $${formatNumber(model.completion_price)} out per M`;
}

export interface ModelPickerProps {
  value: string;
  error?: string;
  onChange: (id: string) => void;
}

/** Chooses from OpenRouter's live list and the offline analyst; an id that is not listed may be typed. */
export function ModelPicker({ value, error, onChange }: ModelPickerProps) {
  const api = useApi();
  const [typed, setTyped] = useState("");
  const listed = useQuery({ queryKey: ["openrouter"], queryFn: () => api.models.available(), staleTime: 600_000 });
  const models = useMemo(() => {
    const others = (listed.data?.items ?? []).filter((model) => model.id !== OFFLINE_MODEL);
    return [OFFLINE, ...others];
  }, [listed.data]);
  const found = filterModels(models, typed);
  const unlisted =
    typed.trim() !== "" && /^[\w.-]+\/[\w.:-]+$/.test(typed.trim()) && !found.some((m) => m.id === typed.trim());

  return (
    <div className="space-y-2">
      <Field
        label="AI model"
        error={error}
        hint={
          <>
            Chosen: <span className="font-mono text-ink">{value}</span>
            {listed.data?.stale ? " · OpenRouter can’t be reached; this list may be old" : ""}
          </>
        }
      >
        {(ids) => (
          <Input
            {...ids}
            type="search"
            data-testid="model-search"
            placeholder="Search models, or type an id"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      {listed.error ? <ProblemNote error={listed.error} onRetry={() => void listed.refetch()} /> : null}
      {listed.isPending ? <Skeleton className="h-24" /> : null}
      <ul className="max-h-44 overflow-y-auto rounded-md border" aria-label="Models">
        {unlisted ? (
          <li>
            <button
              type="button"
              className="w-full px-2.5 py-1.5 text-left text-xs hover:bg-hover"
              onClick={() => onChange(typed.trim())}
            >
              Use <span className="font-mono">{typed.trim()}</span> (not in the list)
            </button>
          </li>
        ) : null}
        {found.slice(0, MOST_SHOWN).map((model) => (
          <li key={model.id} className="border-b last:border-b-0">
            <button
              type="button"
              data-testid="model-option"
              data-model={model.id}
              aria-pressed={model.id === value}
              className={cn("w-full px-2.5 py-1.5 text-left hover:bg-hover", model.id === value && "bg-accent/20")}
              onClick={() => onChange(model.id)}
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate font-mono text-xs">{model.id}</span>
                <span className={cn("shrink-0 text-2xs", model.supports_tools ? "text-tool" : "text-warn")}>
                  {model.supports_tools ? "tools" : "no tools"}
                </span>
              </span>
              <span className="tnum block truncate text-2xs text-ink-3">
                {model.name}
                {model.context_length ? ` · ${formatCount(model.context_length)} tokens` : ""}
                {model.id === OFFLINE_MODEL ? "" : ` · ${priceText(model)}`}
              </span>
            </button>
          </li>
        ))}
        {!found.length && !unlisted ? <li className="px-2.5 py-3 text-xs text-ink-3">No model matches.</li> : null}
      </ul>
      {found.length > MOST_SHOWN ? (
        <p className="text-2xs text-ink-3">{found.length - MOST_SHOWN} more: type to narrow the list.</p>
      ) : null}
    </div>
  );
}
