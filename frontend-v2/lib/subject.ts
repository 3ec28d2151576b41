/** What a conversation can be about. `numbered`: there are many of the kind, told apart by an id. */
export const SUBJECTS = [
  { kind: "run", numbered: true, noun: "run" },
  { kind: "desk", numbered: false, noun: "desk" },
  { kind: "strategy", numbered: true, noun: "strategy" },
  { kind: "paper", numbered: true, noun: "paper engine" },
  { kind: "assistant", numbered: true, noun: "assistant" },
] as const;

export type SubjectKind = (typeof SUBJECTS)[number]["kind"];

/** `id` is null where the kind has one subject only. */
export interface Subject {
  kind: SubjectKind;
  id: number | null;
}

export const runSubject = (id: number): Subject => ({ kind: "run", id });

export const sameSubject = (a: Subject | null, b: Subject | null): boolean => a?.kind === b?.kind && a?.id === b?.id;

/** A name for caches and for what a browser keeps: `run:5`, `desk`. */
export const subjectKey = ({ kind, id }: Subject): string => (id === null ? kind : `${kind}:${id}`);

/** A subject from untrusted JSON; null for a kind of a later contract and for an id that does not fit its kind. */
export function toSubject(value: unknown): Subject | null {
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  const row = SUBJECTS.find(({ kind }) => kind === value.kind);
  const id = "id" in value ? value.id : null;
  if (!row) return null;
  if (row.numbered) return typeof id === "number" && Number.isInteger(id) ? { kind: row.kind, id } : null;
  return { kind: row.kind, id: null };
}
