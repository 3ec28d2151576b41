import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Spinner } from "@/components/ui/spinner";
import { ApiError } from "@/lib/api";
import { messageOf } from "@/lib/failures";
import { OFFLINE_MODEL } from "@/lib/model-form";
import type { KeyCredit, KeyState, TradingModel } from "@/lib/types";
import { KeyCreditLine } from "./key-credit";

interface Note {
  text: string;
  bad: boolean;
  /** The provider could not be asked: the key may be stored all the same. */
  unchecked?: boolean;
}

/** Sets, tests, replaces or removes the key. It is never shown again: only its last characters are. */
export function ApiKeySection({ model }: { model: TradingModel }) {
  const api = useApi();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState<"save" | "test" | "remove" | null>(null);
  const [note, setNote] = useState<Note | null>(null);
  const [credit, setCredit] = useState<KeyCredit | null>(null);
  const hint = model.api_key_hint;
  const unreadable = model.api_key_state === "unreadable";

  const attempt = async (
    what: "save" | "test" | "remove",
    action: () => Promise<KeyState | null>,
    text: string,
  ): Promise<void> => {
    setBusy(what);
    setNote(null);
    setCredit(null);
    try {
      const state = await action();
      setCredit(state?.credit ?? null);
      setNote({ text, bad: false });
      if (what === "test") return;
      setKey("");
      await queries.invalidateQueries({ queryKey: ["models"] });
    } catch (error) {
      const unreachable = what === "save" && error instanceof ApiError && error.status >= 500;
      setNote({ text: messageOf(error), bad: true, unchecked: unreachable });
    } finally {
      setBusy(null);
    }
  };
  const save = (verify: boolean) =>
    attempt(
      "save",
      () => api.models.setKey(model.id, key.trim(), verify),
      verify ? "The key works and is stored." : "Key stored unchecked.",
    );
  const remove = () =>
    attempt(
      "remove",
      async () => {
        await api.models.removeKey(model.id);
        return null;
      },
      "Key removed.",
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save(true);
  };
  return (
    <section className="space-y-2 border-t pt-4">
      <h3 className="text-[13px] font-semibold">OpenRouter key</h3>
      <div className="flex flex-wrap items-center gap-2">
        <p
          className={unreadable ? "min-w-0 flex-1 text-xs text-loss" : "min-w-0 flex-1 text-xs text-ink-2"}
          data-testid="api-key-hint"
          data-state={model.api_key_state}
        >
          {unreadable ? (
            <>
              The key ending in <span className="font-mono">{hint}</span> can’t be opened any more: the server’s own key
              has changed. Enter it again.
            </>
          ) : hint ? (
            <>
              A key ending in <span className="font-mono text-ink">{hint}</span> is stored, encrypted.
            </>
          ) : model.ai_model === OFFLINE_MODEL ? (
            "The offline analyst needs no key."
          ) : (
            "No key is stored: no language model can answer until it has one."
          )}
        </p>
        {hint ? (
          <>
            <Button
              size="sm"
              data-testid="api-key-test"
              disabled={busy !== null}
              onClick={() => void attempt("test", () => api.models.testKey(model.id), "The key works.")}
            >
              {busy === "test" ? <Spinner /> : null} Test the key
            </Button>
            <Button
              variant="ghost"
              size="sm"
              data-testid="api-key-remove"
              disabled={busy !== null}
              onClick={() => void remove()}
            >
              Remove
            </Button>
          </>
        ) : null}
      </div>
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
        <Button type="submit" className="h-9" data-testid="api-key-save" disabled={busy !== null || !key.trim()}>
          {busy === "save" ? <Spinner /> : null} {hint ? "Test and replace" : "Test and save"}
        </Button>
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
      {credit ? <KeyCreditLine credit={credit} /> : null}
    </section>
  );
}
