import type rehypeHighlight from "rehype-highlight";
import { useEffect, useSyncExternalStore } from "react";

let plugin: typeof rehypeHighlight | null = null;
let loading: Promise<void> | null = null;
const waiting = new Set<() => void>();
const FENCE = /^ {0,3}(```|~~~)/m;

function load(): void {
  loading ??= import("rehype-highlight").then(
    (module) => {
      plugin = module.default;
      waiting.forEach((changed) => changed());
    },
    () => {
      // Code stays plain; the next code block tries again.
      loading = null;
    },
  );
}

/** Colours for code with a named language; until the highlighter is loaded the code stays as it is. */
export function lazyHighlight() {
  return plugin ? plugin({ detect: false }) : undefined;
}

function subscribe(changed: () => void): () => void {
  waiting.add(changed);
  return () => waiting.delete(changed);
}

/** Loads the highlighter once text has a code fence (most answers have none); changes when it has come. */
export function useHighlighter(text: string): string {
  const wanted = FENCE.test(text);
  useEffect(() => {
    if (wanted) load();
  }, [wanted]);
  return useSyncExternalStore(
    subscribe,
    () => (wanted && plugin ? "coloured" : "plain"),
    () => "plain",
  );
}
