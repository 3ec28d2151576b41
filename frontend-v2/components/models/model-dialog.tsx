import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { useLibrary } from "@/hooks/use-library";
import { plural } from "@/lib/format";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";
import { toPage } from "@/lib/view";
import { ApiKeySection } from "./api-key-section";
import { ModelFields } from "./model-fields";
import { RulesSection } from "./rules-section";

export interface ModelDialogProps {
  /** Null makes a new one. */
  modelId: number | null;
  onClose: () => void;
}

function DeleteSection({ model, onDeleted }: { model: TradingModel; onDeleted: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const { go } = useView();
  const [asking, setAsking] = useState(false);
  const remove = async (): Promise<void> => {
    await api.models.remove(model.id);
    go(toPage("dashboard"));
    void queries.invalidateQueries({ queryKey: ["models"] });
    onDeleted();
  };
  return (
    <section className="flex items-center justify-between gap-3 border-t pt-4">
      <p className="text-xs text-ink-2">
        Deleting removes the model, {plural(model.run_count, "run")} and every conversation about them.
      </p>
      <Button size="sm" className="text-loss" data-testid="model-delete" onClick={() => setAsking(true)}>
        Delete strategy
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${model.name}?`}
        body={`Its ${plural(model.run_count, "run")} and their conversations will be gone for good. Type the strategy’s name to confirm.`}
        typed={model.name}
        action="Delete strategy"
        onConfirm={remove}
      />
    </section>
  );
}

/** Makes a trading model, or changes one: the AI model, its parameters, instructions, key and rules. */
export function ModelDialog({ modelId, onClose }: ModelDialogProps) {
  const library = useLibrary();
  const [created, setCreated] = useState<TradingModel | null>(null);
  const id = created?.id ?? modelId;
  const model = library.models.find((candidate) => candidate.id === id) ?? created;
  const missing = id !== null && !model;

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={model ? model.name : "New strategy"}
      description="Who answers questions about this strategy’s runs, and how."
      testId="model-dialog"
    >
      {missing ? (
        <Skeleton className="h-64" />
      ) : (
        <div className="space-y-5">
          <ModelFields
            key={model?.id ?? "new"}
            model={model}
            onSaved={(saved) => {
              // A new model that needs a key stays open for it.
              if (!model && saved.ai_model !== OFFLINE_MODEL) setCreated(saved);
              else onClose();
            }}
          />
          {model ? (
            <>
              {created && !model.api_key_hint ? (
                <p role="status" className="text-[13px] text-gain">
                  {model.name} is made. Add its key to use it.
                </p>
              ) : null}
              <ApiKeySection model={model} />
              <RulesSection modelId={model.id} />
              <DeleteSection model={model} onDeleted={onClose} />
            </>
          ) : null}
        </div>
      )}
    </Dialog>
  );
}
