import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it } from "vitest";
import { ApiProvider } from "@/components/shell/auth-provider";
import { createApi } from "@/lib/api";
import { EMPTY_DRAFT } from "@/lib/import-form";
import { LineCut, type Uploader, type Watched } from "@/lib/upload";
import { useImport } from "./use-import";

const FILE = new File(["time,symbol\n"], "fills.csv");

interface Upload {
  url: string;
  signal: AbortSignal;
  onProgress: (progress: Watched) => void;
  resolve: (response: Response) => void;
  reject: (error: Error) => void;
}

/** The hook with uploads that the test answers; the preview is answered already. */
async function start() {
  const uploads: Upload[] = [];
  const upload: Uploader = (url, { signal }, onProgress) =>
    new Promise((resolve, reject) => {
      if (!signal) throw new Error("An upload that can't be stopped");
      signal.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
      uploads.push({ url, signal, onProgress, resolve, reject });
    });
  const api = createApi({ getToken: async () => "t", onExpired: () => undefined, upload });
  const wrapper = ({ children }: { children: ReactNode }) => <ApiProvider api={api}>{children}</ApiProvider>;
  const hook = renderHook(() => useImport(3, FILE, EMPTY_DRAFT), { wrapper });
  await waitFor(() => expect(uploads).toHaveLength(1));
  const preview = { format: "csv", confidence: "high", strategies: [] };
  await act(async () => uploads[0]?.resolve(new Response(JSON.stringify(preview))));
  let outcome: unknown = "under way";
  act(() => void hook.result.current.submit(false).then((value) => (outcome = value)));
  await waitFor(() => expect(uploads).toHaveLength(2));
  const importing = uploads[1] as Upload;
  const step = (stage: string) => act(() => importing.onProgress({ stage, rows: 1, total: 2 }));
  return { ...hook, importing, step, outcome: () => outcome };
}

it("shows the server's steps and gives the run", async () => {
  const { result, importing, step, outcome } = await start();
  expect(importing.url).toBe("/api/models/3/runs/import");
  step("reading");
  expect(result.current).toMatchObject({ busy: "import", progress: { stage: "reading", rows: 1, total: 2 } });
  await act(async () => importing.resolve(new Response('{"run":{"id":5}}')));
  await waitFor(() => expect(outcome()).toEqual({ run: { id: 5 } }));
  expect(result.current).toMatchObject({ busy: null, progress: null, problem: null, cancelled: null });
});

it("cancelling closes the line, says so and keeps the preview", async () => {
  const { result, importing, step, outcome } = await start();
  step("converting");
  await act(async () => expect(result.current.cancel()).toBe(true));
  expect(importing.signal.aborted).toBe(true);
  await waitFor(() => expect(outcome()).toBeNull());
  expect(result.current).toMatchObject({
    busy: null,
    problem: null,
    cancelled: "Import cancelled. Nothing was saved.",
  });
  expect(result.current.preview?.format).toBe("csv");
  expect(result.current.cancel()).toBe(false);
});

it("what is with the database already is not cancelled, nor is it when the dialog goes", async () => {
  const { result, unmount, importing, step } = await start();
  step("storing");
  act(() => expect(result.current.cancel()).toBe(false));
  unmount();
  expect(importing.signal.aborted).toBe(false);
});

it("an import whose dialog goes is cancelled", async () => {
  const { unmount, importing, step } = await start();
  step("saving");
  unmount();
  expect(importing.signal.aborted).toBe(true);
});

it("a line that breaks leaves open whether the run was saved, and says that trying again is safe", async () => {
  const { result, importing, step } = await start();
  step("storing");
  await act(async () => importing.reject(new LineCut()));
  await waitFor(() => expect(result.current.busy).toBeNull());
  expect(result.current.problem).toMatchObject({ code: "line_cut" });
  expect((result.current.problem as Error).message).toContain("not known whether the run was saved");
  expect((result.current.problem as Error).message).toContain("Importing it again is safe");
});
