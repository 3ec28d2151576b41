import { useCallback, useEffect, useRef, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { cancelledText, importForm, isPastCancelling, strategiesOf, type ImportDraft } from "@/lib/import-form";
import type { ImportPreview, ImportReport, Run } from "@/lib/types";
import type { Watched } from "@/lib/upload";

// Typing settles before the file is sent again.
const SETTLE_MS = 600;

export interface ImportState {
  preview: ImportPreview | null;
  strategies: readonly string[];
  busy: "preview" | "import" | null;
  progress: Watched | null;
  problem: unknown;
  /** What became of an import that was cancelled; null where none was. */
  cancelled: string | null;
}

const IDLE: ImportState = {
  preview: null,
  strategies: [],
  busy: null,
  progress: null,
  problem: null,
  cancelled: null,
};

interface Running {
  controller: AbortController;
  progress: Watched | null;
}

export interface Importing extends ImportState {
  /** Saves the run; null when it was refused (`problem` says why) or cancelled. */
  submit: (again: boolean) => Promise<{ run: Run; report: ImportReport } | null>;
  /** Ends the import under way; false when there is none, or when all of it is with the database already. */
  cancel: () => boolean;
}

/** Reads a file as an import would whenever the file or what is said of it changes, and imports it when asked. */
export function useImport(modelId: number | null, file: File | null, draft: ImportDraft): Importing {
  const api = useApi();
  const [state, setState] = useState<ImportState>(IDLE);
  const seen = useRef<File | null>(null);
  const running = useRef<Running | null>(null);
  const cancel = useCallback((): boolean => {
    const { current } = running;
    if (!current || isPastCancelling(current.progress)) return false;
    current.controller.abort();
    return true;
  }, []);
  useEffect(() => () => void cancel(), [cancel]);

  useEffect(() => {
    if (!file || modelId === null) {
      seen.current = null;
      setState(IDLE);
      return;
    }
    const isNew = seen.current !== file;
    seen.current = file;
    setState((before) => ({
      ...(isNew ? IDLE : before),
      busy: "preview",
      progress: null,
      problem: null,
      cancelled: null,
    }));
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(
      async () => {
        try {
          const onProgress = (progress: Watched): void => {
            if (!signal.aborted) setState((before) => ({ ...before, progress }));
          };
          const preview = await api.runs.preview(modelId, importForm(file, draft), { signal, onProgress });
          setState((before) => ({
            ...IDLE,
            preview,
            strategies: strategiesOf(preview, before.strategies),
          }));
        } catch (problem) {
          if (!signal.aborted)
            setState((before) => ({ ...before, busy: null, progress: null, problem, preview: null }));
        }
      },
      isNew ? 0 : SETTLE_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [api, modelId, file, draft]);

  const submit = async (again: boolean): Promise<{ run: Run; report: ImportReport } | null> => {
    if (!file || modelId === null) return null;
    const current: Running = { controller: new AbortController(), progress: null };
    const { signal } = current.controller;
    running.current = current;
    setState((before) => ({ ...before, busy: "import", progress: null, problem: null, cancelled: null }));
    try {
      const onProgress = (progress: Watched): void => {
        current.progress = progress;
        if (!signal.aborted) setState((before) => ({ ...before, progress }));
      };
      const imported = await api.runs.import(modelId, importForm(file, draft, again), { signal, onProgress });
      setState((before) => ({ ...before, busy: null, progress: null }));
      return imported;
    } catch (problem) {
      const cancelled = signal.aborted ? cancelledText(current.progress) : null;
      setState((before) => ({ ...before, busy: null, progress: null, problem: cancelled ? null : problem, cancelled }));
      return null;
    } finally {
      running.current = null;
    }
  };
  return { ...state, submit, cancel };
}
