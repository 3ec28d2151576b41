import { Check, ChevronDown } from "lucide-react";
import { useMemo, useState } from "react";
import { Field } from "@/components/ui/field";
import { Input, inputStyle } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useListedModels } from "@/hooks/use-listed-models";
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
const ORDERS = { listed: "As listed", price: "Cheapest first", context: "Largest context first" } as const;
type Order = keyof typeof ORDERS;

/** Every word typed must occur in the id or the name. */
export function filterModels(models: readonly ListedModel[], typed: string): ListedModel[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.id} ${model.name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function orderModels(models: readonly ListedModel[], order: Order): ListedModel[] {
  if (order === "listed") return [...models];
  const price = (model: ListedModel): number => (model.prompt_price ?? Infinity) + (model.completion_price ?? Infinity);
  const size = order === "price" ? price : (model: ListedModel): number => -(model.context_length ?? 0);
  return [...models].sort((a, b) => (size(a) === size(b) ? 0 : size(a) - size(b)));
}

const priceOf = (price: number | null): string =>
  price === null ? "?" : price === 0 ? "free" : `$${formatNumber(price)}`;

function Option({ model, chosen, onChoose }: { model: ListedModel; chosen: boolean; onChoose: () => void }) {
  const offline = model.id === OFFLINE_MODEL;
  return (
    <button
      type="button"
      data-testid="model-option"
      data-model={model.id}
      aria-pressed={chosen}
      className={cn("flex w-full items-center gap-3 px-2.5 py-1.5 text-start hover:bg-hover", chosen && "bg-accent/15")}
      onClick={onChoose}
    >
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-1.5">
          <span className="truncate text-[13px]">{offline ? "Offline analyst" : model.name}</span>
          {chosen ? <Check className="size-3.5 shrink-0 text-accent-ink" aria-hidden /> : null}
        </span>
        <span className="block truncate font-mono text-2xs text-ink-3">{model.id}</span>
      </span>
      {offline ? (
        <span className="shrink-0 text-2xs text-ink-2">no key, no cost</span>
      ) : (
        <span className="tnum grid shrink-0 grid-cols-[auto_auto] gap-x-2 text-end text-2xs text-ink-3">
          <span>{model.context_length ? `${formatCount(model.context_length / 1000)}k` : ""}</span>
          <span className="text-ink-2">
            {priceOf(model.prompt_price)} / {priceOf(model.completion_price)}
          </span>
          <span className="col-span-2">
            <span className={model.supports_tools ? "text-tool" : "text-warn"}>
              {model.supports_tools ? "tools" : "no tools"}
            </span>
          </span>
        </span>
      )}
    </button>
  );
}

export interface ModelPickerProps {
  value: string;
  error?: string;
  onChange: (id: string) => void;
}

/** Chooses from OpenRouter's live list and the offline analyst; an id that is not listed may be typed. */
export function ModelPicker({ value, error, onChange }: ModelPickerProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [order, setOrder] = useState<Order>("listed");
  const [withTools, setWithTools] = useState(true);
  const listed = useListedModels();
  const models = useMemo(() => {
    const others = (listed.data?.items ?? []).filter((model) => model.id !== OFFLINE_MODEL);
    return [OFFLINE, ...others];
  }, [listed.data]);
  const chosen = models.find((model) => model.id === value);
  const matching = filterModels(models, typed);
  const found = orderModels(
    matching.filter((model) => !withTools || model.supports_tools || model.id === value),
    order,
  );
  const hidden = matching.length - found.length;
  const id = typed.trim();
  const unlisted = /^[\w.-]+\/[\w.:-]+$/.test(id) && !models.some((model) => model.id === id);
  const choose = (next: string): void => {
    onChange(next);
    setOpen(false);
    setTyped("");
  };
  return (
    <div className="space-y-2">
      <Field
        label="AI model"
        error={error}
        hint={listed.data?.stale ? "OpenRouter can’t be reached: this list may be old." : undefined}
      >
        {(ids) => (
          <button
            {...ids}
            type="button"
            aria-expanded={open}
            data-testid="model-chosen"
            className={cn(inputStyle, "flex min-h-11 items-center gap-2 py-1.5 text-start")}
            onClick={() => setOpen(!open)}
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate">
                {value === OFFLINE_MODEL ? "Offline analyst" : (chosen?.name ?? value)}
              </span>
              <span className="block truncate font-mono text-2xs text-ink-3">
                {value}
                {chosen && value !== OFFLINE_MODEL
                  ? ` · ${priceOf(chosen.prompt_price)} in, ${priceOf(chosen.completion_price)} out per million tokens`
                  : ""}
              </span>
            </span>
            <ChevronDown
              className={cn("size-4 shrink-0 text-ink-3 transition-transform", open && "rotate-180")}
              aria-hidden
            />
          </button>
        )}
      </Field>
      {open ? (
        <div className="space-y-2 rounded-md border p-2" data-testid="model-list">
          <div className="flex flex-wrap items-center gap-2">
            <Input
              type="search"
              autoFocus
              className="h-8 min-w-40 flex-1"
              aria-label="Search models"
              data-testid="model-search"
              placeholder="Search, or type an id"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <select
              aria-label="Order"
              data-testid="model-order"
              className={cn(inputStyle, "h-8 w-auto")}
              value={order}
              onChange={(event) => setOrder(event.target.value as Order)}
            >
              {Object.entries(ORDERS).map(([key, label]) => (
                <option key={key} value={key}>
                  {label}
                </option>
              ))}
            </select>
            <label className="flex items-center gap-1.5 text-xs text-ink-2">
              <input
                type="checkbox"
                className="accent-accent"
                checked={withTools}
                onChange={(event) => setWithTools(event.target.checked)}
              />
              with tools
            </label>
          </div>
          {listed.error ? <ProblemNote error={listed.error} onRetry={() => void listed.refetch()} /> : null}
          <ul className="max-h-56 divide-y overflow-y-auto" aria-label="Models">
            {unlisted ? (
              <li>
                <button
                  type="button"
                  className="w-full px-2.5 py-1.5 text-start text-xs hover:bg-hover"
                  onClick={() => choose(id)}
                >
                  Use <span className="font-mono">{id}</span> (not in the list)
                </button>
              </li>
            ) : null}
            {found.slice(0, MOST_SHOWN).map((model) => (
              <li key={model.id}>
                <Option model={model} chosen={model.id === value} onChoose={() => choose(model.id)} />
              </li>
            ))}
            {listed.isPending ? (
              <li role="status" aria-label="Loading models">
                <Skeleton className="h-10" />
              </li>
            ) : null}
            {!found.length && !unlisted ? <li className="px-2.5 py-3 text-xs text-ink-3">No model matches.</li> : null}
          </ul>
          <p className="text-2xs text-ink-3">
            Prices are per million tokens, in / out.
            {found.length > MOST_SHOWN
              ? ` ${formatCount(found.length - MOST_SHOWN)} more: type to narrow the list.`
              : ""}
            {hidden ? ` ${formatCount(hidden)} without tool support left out: the analysis needs tools.` : ""}
          </p>
        </div>
      ) : null}
    </div>
  );
}
