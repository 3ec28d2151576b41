import type { Run } from "./types";

/** What the dashboard's command box understands, with no model behind it. */
export type Command =
  | { kind: "stats" }
  | { kind: "list_runs" }
  | { kind: "list_models" }
  | { kind: "open_run"; run: number | null; name: string | null }
  | { kind: "compare"; runs: number[]; names: string[] }
  | { kind: "conversations"; search: string }
  | { kind: "create_model" }
  | { kind: "import" }
  | { kind: "ask"; question: string; run: number | null }
  | { kind: "help" }
  | { kind: "unknown"; text: string; suggestion: string | null };

export const COMMAND_HELP: readonly { example: string; does: string }[] = [
  { example: "show stats", does: "Totals over all your runs" },
  { example: "list runs", does: "Every run, newest first" },
  { example: "list strategies", does: "Your strategies" },
  { example: "open run 5", does: "Open a run by number or name" },
  { example: "compare 3 and 5", does: "Two or more runs side by side, by number or by name" },
  { example: "why did run 5 lose money?", does: "A question about a run: it opens, and is asked" },
  { example: "conversations", does: "Past conversations about all runs" },
  { example: "search fees", does: "Conversations that speak of something" },
  { example: "import", does: "Bring in a run from a file" },
  { example: "create strategy", does: "Set up a new strategy" },
  { example: "help", does: "This list" },
];

const STATS = new Set(["stats", "stat", "statistics", "summary", "totals", "overview", "performance", "pnl"]);
const LIST = new Set(["list", "show", "all", "display", "see", "view", "my"]);
const RUN = new Set(["run", "runs", "backtest", "backtests"]);
const MODEL = new Set(["model", "models", "agent", "agents", "strategy", "strategies"]);
const OPEN = new Set(["open", "select", "go", "goto", "load", "use", "pick"]);
const CREATE = new Set(["create", "new", "add", "make"]);
const IMPORT = new Set(["import", "upload", "ingest"]);
const COMPARE = new Set(["compare", "versus", "vs", "diff", "against", "comparison"]);
const SEARCH = new Set(["search", "find", "grep", "lookup"]);
const CONVERSATIONS = new Set(["conversations", "conversation", "chats", "chat", "history", "sessions"]);
const HELP = new Set(["help", "commands", "?", "h", "usage"]);
const FILLER = new Set([
  "the",
  "a",
  "an",
  "me",
  "please",
  "to",
  "for",
  "of",
  "my",
  "number",
  "no",
  "and",
  "with",
  "what",
]);
const VOCABULARY = [STATS, LIST, RUN, MODEL, OPEN, CREATE, IMPORT, COMPARE, SEARCH, CONVERSATIONS, HELP].flatMap(
  (set) => [...set],
);

/** Optimal string alignment distance: insert, delete, replace, swap neighbours. */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      rows[i]![j] = best;
    }
  }
  return at(a.length, b.length);
}

/** The command word meant by a slip of the finger: one for short words, two for long ones. Very short words stay. */
function corrected(word: string): string {
  if (word.length < 4 || /\d/.test(word) || FILLER.has(word) || VOCABULARY.includes(word)) return word;
  const allowed = word.length >= 7 ? 2 : 1;
  let best: { word: string; distance: number } | null = null;
  for (const candidate of VOCABULARY) {
    if (candidate.length < 4) continue;
    const distance = editDistance(word, candidate);
    if (distance <= allowed && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? word;
}

const words = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/#/g, " ")
    .replace(/\b(runs?)[-_./]?(\d+)\b/g, "$1 $2")
    // The number in a name is part of it: NASDAQ-100 is no run 100.
    .replace(/(\p{L})[-_./](?=\d)/gu, "$1")
    .replace(/[^\p{L}\p{N}?]+/gu, " ")
    .trim()
    .split(" ")
    .filter(Boolean);

const numbersIn = (list: string[]): number[] => list.filter((word) => /^\d{1,9}$/.test(word)).map(Number);

function openRun(text: string, list: string[]): Command {
  const [run] = numbersIn(list);
  if (run !== undefined) return { kind: "open_run", run, name: null };
  const name = text
    .replace(/^\s*\S+\s*/, "")
    .replace(/^(to\s+)?(the\s+)?(runs?|backtests?)\b\s*/i, "")
    .trim();
  return { kind: "open_run", run: null, name: name || null };
}

/** "search conversations for position size" → "position size". */
function searchedFor(text: string): string {
  return text
    .replace(/^\s*\S+\s+/, "")
    .replace(/^(?:(?:my|all|the|in|through)\s+)*(?:conversations?|chats?|history)\b\s*/i, "")
    .replace(/^(?:for|about)\s+/i, "")
    .trim();
}

/** What stands between the joining words of a comparison and is no number: "crypto", "nasdaq". */
function comparedNames(text: string): string[] {
  return text
    .split(/&|\b(?:and|with|vs\.?|versus|against)(?=\s|$)/i)
    .map((part) =>
      part
        .replace(/^\s*(?:please\s+)?(?:compare|comparison|diff)\b/i, "")
        .replace(/\b(?:the|my|runs?)\b|#/gi, " ")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((part) => part !== "" && !/^\d[\d\s,]*$/.test(part));
}

/** What is no command: a question, where it is one by its mark or as long as a sentence. */
function noCommand(text: string, numbers: readonly number[]): Command {
  const [run = null] = numbers;
  const question = text.endsWith("?") || text.split(/\s+/).length >= 3;
  if (question && text.replace(/[^\p{L}]/gu, "").length > 2)
    return { kind: "ask", question: text, run: numbers.length === 1 ? run : null };
  return { kind: "unknown", text, suggestion: run === null ? null : `open run ${run}` };
}

/** Reads what was typed. Case, filler words, order, `#` and small slips don't matter. */
export function parseCommand(input: string): Command {
  const text = input.trim();
  const heard = words(text).map(corrected);
  const list = heard.filter((word) => !FILLER.has(word));
  const has = (set: Set<string>): boolean => list.some((word) => set.has(word));
  const numbers = [...new Set(numbersIn(list))];
  const [first = ""] = list;

  if (has(COMPARE)) return { kind: "compare", runs: numbers, names: comparedNames(text) };
  if (HELP.has(first) || (heard[0] === "what" && heard.includes("can"))) return { kind: "help" };
  if (SEARCH.has(first) && text.trim().includes(" ")) return { kind: "conversations", search: searchedFor(text) };
  if (CONVERSATIONS.has(first) || (LIST.has(first) && has(CONVERSATIONS))) return { kind: "conversations", search: "" };
  if (OPEN.has(first)) return openRun(text, list);
  if (has(IMPORT) || (has(CREATE) && has(RUN))) return { kind: "import" };
  if (has(CREATE) && has(MODEL)) return { kind: "create_model" };
  if (RUN.has(first) && numbers.length === 1) return { kind: "open_run", run: numbers[0]!, name: null };
  if (LIST.has(first) && has(RUN) && numbers.length === 1) return { kind: "open_run", run: numbers[0]!, name: null };
  if (list.length === 1 && numbers.length === 1) return { kind: "open_run", run: numbers[0]!, name: null };
  if (has(RUN) && (LIST.has(first) || list.length === 1)) return { kind: "list_runs" };
  if (has(MODEL) && (LIST.has(first) || list.length === 1)) return { kind: "list_models" };
  if (has(STATS) && list.length <= 3) return { kind: "stats" };
  return noCommand(text, has(RUN) ? numbers : []);
}

/** What a run can be called in a command: its number where that tells it apart, else a word of its name or all of it. */
export function callRun(runs: readonly Run[], run: Run): string {
  if (runs.filter(({ run_number }) => run_number === run.run_number).length === 1) return String(run.run_number);
  const [word = ""] = run.name.split(/[\s,]+/);
  return matchRuns(runs, { run: null, name: word }).length === 1 ? word : run.name;
}

/** A comparison that works with these runs. */
export function compareExample(runs: readonly Run[]): string | null {
  const [first, second] = runs;
  return first && second ? `compare ${callRun(runs, first)} and ${callRun(runs, second)}` : null;
}

/** The runs a command means: by number, or by a name that contains what was typed. */
export function matchRuns(runs: readonly Run[], command: { run: number | null; name: string | null }): Run[] {
  if (command.run !== null) return runs.filter((run) => run.run_number === command.run);
  const wanted = command.name?.toLowerCase();
  if (!wanted) return [];
  const exact = runs.filter((run) => run.name.toLowerCase() === wanted);
  return exact.length ? exact : runs.filter((run) => run.name.toLowerCase().includes(wanted));
}
