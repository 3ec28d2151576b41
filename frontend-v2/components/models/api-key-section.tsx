"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ApiError } from "@/lib/api";
import { messageOf } from "@/lib/failures";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { TradingModel } from "@/lib/types";

/** Sets, replaces or removes the key. It is never shown again: only its last characters are. */
export function ApiKeySection({ model }: { model: TradingModel }) {
  const api = useApi();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState<{ text: string; bad: boolean; unchecked?: boolean } | null>(null);
  const hint = model.api_key_hint;

  const attempt = async (action: () => Promise<unknown>, text: string): Promise<void> => {
    setBusy(true);
    setNote(null);
    try {
      await action();
      setKey("");
      setNote({ text, bad: false });
      await queries.invalidateQueries({ queryKey: ["models"] });
    } catch (error) {
      const unreachable = error instanceof ApiError && error.status >= 500;
      setNote({ text: messageOf(error), bad: true, unchecked: unreachable });
    } finally {
      setBusy(false);
    }
  };
  const save = (verify: boolean) => attempt(() => api.models.setKey(model.id, key.trim(), verify), "Key stored.");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save(true);
  };
  return (
    <section className="space-y-2 border-t pt-4">
      <h3 className="text-[13px] font-semibold">OpenRouter key</h3>
      <p className="text-xs text-ink-2" data-testid="api-key-hint">
        {hint ? (
          <>
            A key ending in <span className="font-mono text-ink">{hint}</span> is stored, encrypted.
          </>
        ) : model.ai_model === OFFLINE_MODEL ? (
          "The offline analyst needs no key."
        ) : (
          "No key is stored: this model can’t answer until it has one."
        )}
      </p>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <div className="min-w-52 flex-1">
          <Field label={hint ? "Replace the key" : "Key"}>
            {(ids) => (
              <Input
                {...ids}
                type="password"
                autoComplete="off"
                spellCheck={false}
                placeholder="sk-or-…"
                data-testid="api-key-input"
                value={key}
                onChange={(event) => setKey(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Button type="submit" className="h-9" data-testid="api-key-save" disabled={busy || !key.trim()}>
          {hint ? "Replace" : "Save key"}
        </Button>
        {hint ? (
          <Button
            variant="ghost"
            className="h-9"
            data-testid="api-key-remove"
            disabled={busy}
            onClick={() => void attempt(() => api.models.removeKey(model.id), "Key removed.")}
          >
            Remove
          </Button>
        ) : null}
      </form>
      {note ? (
        <div role={note.bad ? "alert" : "status"} className={note.bad ? "text-xs text-loss" : "text-xs text-gain"}>
          {note.text}{" "}
          {note.unchecked ? (
            <button type="button" className="text-accent-ink underline" onClick={() => void save(false)}>
              Save without checking
            </button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
