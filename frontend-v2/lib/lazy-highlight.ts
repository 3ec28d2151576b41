import type { Root } from "hast";
import type { LanguageFn } from "highlight.js";
import { useEffect, useMemo, useSyncExternalStore } from "react";

type Highlight = (language: string, code: string) => Root;

/** Each comes by itself, with the first code that is written in it. */
const GRAMMARS: Record<string, () => Promise<{ default: LanguageFn }>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  go: () => import("highlight.js/lib/languages/go"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  python: () => import("highlight.js/lib/languages/python"),
  r: () => import("highlight.js/lib/languages/r"),
  rust: () => import("highlight.js/lib/languages/rust"),
  sql: () => import("highlight.js/lib/languages/sql"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};
const ALIASES: Record<string, string> = {
  "c#": "csharp",
  "c++": "cpp",
  c: "cpp",
  console: "bash",
  cs: "csharp",
  html: "xml",
  js: "javascript",
  jsonc: "json",
  jsx: "javascript",
  md: "markdown",
  mql4: "cpp",
  mql5: "cpp",
  py: "python",
  python3: "python",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svg: "xml",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  yml: "yaml",
  zsh: "bash",
};
/** It is done in one task: beyond this, code stays plain. */
const MOST_LETTERS = 30_000;

const ready = new Map<string, Highlight>();
const loading = new Map<string, Promise<void>>();
const waiting = new Set<() => void>();

function grammarOf(language: string): string | null {
  const name = language.toLowerCase();
  const grammar = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  return Object.hasOwn(GRAMMARS, grammar) ? grammar : null;
}

async function load(grammar: string): Promise<void> {
  const [{ createLowlight }, { default: define }] = await Promise.all([import("./lowlight"), GRAMMARS[grammar]!()]);
  const { highlight } = createLowlight({ [grammar]: define });
  ready.set(grammar, highlight);
  waiting.forEach((changed) => changed());
}

function want(grammar: string): void {
  // What failed leaves code plain; the next code block tries again.
  if (!loading.has(grammar))
    loading.set(
      grammar,
      load(grammar).catch(() => void loading.delete(grammar)),
    );
}

function subscribe(changed: () => void): () => void {
  waiting.add(changed);
  return () => waiting.delete(changed);
}

/** Code as coloured spans: null while its grammar is not there yet, and for what no grammar is known of. */
export function useHighlighted(language: string, code: string): Root | null {
  const grammar = code.length <= MOST_LETTERS ? grammarOf(language) : null;
  useEffect(() => {
    if (grammar) want(grammar);
  }, [grammar]);
  const highlight = useSyncExternalStore(
    subscribe,
    () => (grammar ? ready.get(grammar) : undefined),
    () => undefined,
  );
  return useMemo(() => (grammar && highlight ? highlight(grammar, code) : null), [grammar, highlight, code]);
}
