import { useActions } from "@/hooks/use-actions";
import { Button } from "@/components/ui/button";
import type { Library } from "@/hooks/use-library";
import { plural } from "@/lib/format";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";

function keyText(model: TradingModel): string {
  if (model.ai_model === OFFLINE_MODEL) return "no key needed";
  if (model.api_key_state === "unreadable") return "key must be entered again";
  return model.api_key_hint ? `key ${model.api_key_hint}` : "no key";
}

export function ModelCards({ library }: { library: Library }) {
  const { editModel, importRun } = useActions();
  if (!library.models.length)
    return <p className="text-[13px] text-ink-2">No strategies yet. Type “create strategy”.</p>;
  return (
    <ul data-testid="model-cards" className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
      {library.models.map((model) => (
        <li key={model.id} className="space-y-2 rounded-lg border bg-panel p-3">
          <div className="min-w-0">
            <h2 className="truncate text-[13px] font-semibold">{model.name}</h2>
            <p className="truncate font-mono text-2xs text-ink-3">{model.ai_model}</p>
          </div>
          <p className="text-xs text-ink-2">
            {plural(library.runsOf(model.id).length, "run")} · {keyText(model)}
          </p>
          <div className="flex gap-1.5">
            <Button size="sm" onClick={() => editModel(model.id)}>
              Settings
            </Button>
            <Button size="sm" variant="ghost" onClick={() => importRun(model.id)}>
              Import run
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
