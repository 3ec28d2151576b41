"use client";

import { useEffect, useRef, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { importForm, strategiesOf, type ImportDraft } from "@/lib/import-form";
import type { ImportPreview, ImportReport, Run } from "@/lib/types";
import type { UploadProgress } from "@/lib/upload";

// Typing settles before the file is sent again.
const SETTLE_MS = 600;

export interface ImportState {
  preview: ImportPreview | null;
  strategies: readonly string[];
  busy: "preview" | "import" | null;
  progress: UploadProgress | null;
  problem: unknown;
}

const IDLE: ImportState = { preview: null, strategies: [], busy: null, progress: null, problem: null };

export interface Importing extends ImportState {
  /** Saves the run; null when it was refused (`problem` says why). */
  submit: (again: boolean) => Promise<{ run: Run; report: ImportReport } | null>;
}

/** Reads a file as an import would whenever the file or what is said of it changes, and imports it when asked. */
export function useImport(modelId: number | null, file: File | null, draft: ImportDraft): Importing {
  const api = useApi();
  const [state, setState] = useState<ImportState>(IDLE);
  const seen = useRef<File | null>(null);

  useEffect(() => {
    if (!file || modelId === null) {
      seen.current = null;
      setState(IDLE);
      return;
    }
    const isNew = seen.current !== file;
    seen.current = file;
    setState((before) => ({ ...(isNew ? IDLE : before), busy: "preview", progress: null, problem: null }));
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(
      async () => {
        try {
          const onProgress = (progress: UploadProgress): void => setState((before) => ({ ...before, progress }));
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
    setState((before) => ({ ...before, busy: "import", progress: null, problem: null }));
    try {
      const onProgress = (progress: UploadProgress): void => setState((before) => ({ ...before, progress }));
      const imported = await api.runs.import(modelId, importForm(file, draft, again), { onProgress });
      setState((before) => ({ ...before, busy: null, progress: null }));
      return imported;
    } catch (problem) {
      setState((before) => ({ ...before, busy: null, progress: null, problem }));
      return null;
    }
  };
  return { ...state, submit };
}
