import { useEffect, useSyncExternalStore } from "react";
import type { Pluggable } from "unified";

let highlight: Pluggable | null = null;
let loading: Promise<void> | null = null;
const waiting = new Set<() => void>();
/** Also inside lists and quotes. */
const FENCE = /^[ \t>*+\-\d.)]*(`{3}|~{3})/m;

function load(): void {
  loading ??= import("rehype-highlight").then(
    (module) => {
      // Made once: a highlighter registers all its languages each time it is made.
      const transform = module.default({ detect: false });
      highlight = () => transform;
      waiting.forEach((changed) => changed());
    },
    () => {
      // Code stays plain; the next code block tries again.
      loading = null;
    },
  );
}

function subscribe(changed: () => void): () => void {
  waiting.add(changed);
  return () => waiting.delete(changed);
}

/**
 * Colours code whose fence names its language: null for text without code, and until the highlighter, which is loaded
 * for the first code there is (most answers have none), has come.
 */
export function useHighlighter(text: string): Pluggable | null {
  const wanted = FENCE.test(text);
  useEffect(() => {
    if (wanted) load();
  }, [wanted]);
  return useSyncExternalStore(
    subscribe,
    () => (wanted ? highlight : null),
    () => null,
  );
}
