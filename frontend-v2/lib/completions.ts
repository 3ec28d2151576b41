import { callRun, COMMAND_HELP, compareExample, editDistance } from "./commands";
import type { Run } from "./types";

export interface Completion {
  /** What the box would hold. */
  text: string;
  hint: string;
  /** Whether it can be run as it stands, or wants more to be typed. */
  whole: boolean;
}

const MOST = 8;
const WITH_RUN = /^\s*(open|select|go to|load)(\s+run)?\s+#?(.*)$/i;
const COMPARISON = /^\s*(compare\s.*)(?:\s+(?:and|with|vs)\s+|,\s*)([^,]*)$/i;
const FIRST_COMPARED = /^\s*compare\s+([^,]*)$/i;

/** Whether `typed` begins `word`, give or take a slip (or two, once it is long). */
function begins(word: string, typed: string): boolean {
  if (word.startsWith(typed)) return true;
  if (typed.length < 4) return false;
  const slips = typed.length >= 7 ? 2 : 1;
  return [-1, 0, 1].some((more) => editDistance(word.slice(0, typed.length + more), typed) <= slips);
}

/** Whether each typed word begins a word of the text, in order or not. */
function matches(text: string, typed: string): boolean {
  const words = text.toLowerCase().split(/[\s,()/-]+/);
  return typed
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => words.some((word) => begins(word, part)));
}

function runsLike(runs: readonly Run[], typed: string): Run[] {
  const wanted = typed.trim().replace(/^#/, "");
  if (/^\d+$/.test(wanted)) return runs.filter((run) => String(run.run_number).startsWith(wanted));
  return runs.filter((run) => matches(`${run.name} ${run.model_name}`, wanted));
}

const hintOf = (run: Run): string => `#${run.run_number} ${run.name} · ${run.model_name}`;

/** What the typed text may become, most likely first: commands, and runs where a command takes one. */
export function completionsOf(typed: string, runs: readonly Run[]): Completion[] {
  if (!typed.trim()) return [];
  const asRuns = (found: readonly Run[], textOf: (called: string) => string, whole: boolean): Completion[] =>
    found.map((run) => ({ text: textOf(callRun(runs, run)), hint: hintOf(run), whole }));

  const opened = WITH_RUN.exec(typed);
  if (opened) return asRuns(runsLike(runs, opened[3] ?? ""), (called) => `open run ${called}`, true).slice(0, MOST);

  const compared = COMPARISON.exec(typed);
  if (compared) {
    const [, before = "", last = ""] = compared;
    const named = before.toLowerCase().split(/\s+/);
    const others = runs.filter((run) => !named.includes(callRun(runs, run).toLowerCase()));
    return asRuns(runsLike(others, last), (called) => `${before.trim()} and ${called}`, true).slice(0, MOST);
  }
  const first = FIRST_COMPARED.exec(typed);
  if (first) return asRuns(runsLike(runs, first[1] ?? ""), (called) => `compare ${called} and `, false).slice(0, MOST);

  const example = compareExample(runs);
  const commands = COMMAND_HELP.filter(({ example: text }) => matches(text.replace(/\d.*$/, ""), typed)).map(
    ({ example: text, does }): Completion => {
      if (text.startsWith("compare")) return { text: example ?? text, hint: does, whole: example !== null };
      const open = text === "open run 5" || text.startsWith("search ");
      return { text: open ? text.replace(/\s\S+$/, " ") : text, hint: does, whole: !open };
    },
  );
  const named = typed.trim().length >= 3 ? runsLike(runs, typed) : [];
  return [...commands, ...asRuns(named, (called) => `open run ${called}`, true)].slice(0, MOST);
}
