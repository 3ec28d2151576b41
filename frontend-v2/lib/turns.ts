import { answerFromMessage, EMPTY_ANSWER, type Answer } from "./chat-reducer";
import type { ChatHistory, ChatMessage } from "./types";

/** A message's place among its siblings: the versions of one question, or the answers to it. */
export interface Fork {
  /** Null until it is saved. */
  id: number | null;
  siblings: readonly number[];
  /** One more, not saved, was put aside for this one. */
  unsaved?: true;
}

export const versionsOf = ({ id, siblings, unsaved }: Fork): number =>
  siblings.length + (id === null || unsaved ? 1 : 0);

/** Where in the conversation's tree a question goes; with nothing said, at its end. */
export interface Placement {
  parent_id?: number;
  edit_of?: number;
  regenerate?: true;
}

/** A question and its answer. */
export interface Turn {
  key: string;
  question: string;
  answer: Answer;
  asked: Fork;
  answered: Fork;
  /** With what it was sent, so that it can be sent or kept again. */
  place: Placement;
}

export const UNSAVED: Fork = { id: null, siblings: [] };

const forkOf = ({ id, siblings }: ChatMessage): Fork => ({ id, siblings: siblings ?? [id] });

/** Saved messages as turns. A question without an answer, or an answer without a question, is still shown. */
export function turnsFromHistory(history: ChatHistory): Turn[] {
  const turns: Turn[] = [];
  for (const message of history.messages) {
    const open = turns.at(-1);
    const turn: Turn = {
      key: `m${message.id}`,
      question: "",
      answer: EMPTY_ANSWER,
      asked: UNSAVED,
      answered: UNSAVED,
      place: {},
    };
    if (message.role === "user") {
      turns.push({ ...turn, question: message.content, asked: forkOf(message) });
      continue;
    }
    const answer = answerFromMessage(message, history.session_id);
    const answered = forkOf(message);
    if (open && open.answer === EMPTY_ANSWER) turns[turns.length - 1] = { ...open, answer, answered };
    else turns.push({ ...turn, answer, answered });
  }
  return turns;
}

const joined = ({ siblings }: Fork, id: number): Fork => ({
  id,
  siblings: siblings.includes(id) ? siblings : [...siblings, id],
});

/** The turn with its answer as it is now; once that is saved, both have their ids. */
export function settled(turn: Turn, answer: Answer): Turn {
  const { saved } = answer;
  if (!saved) return { ...turn, answer };
  return {
    ...turn,
    answer,
    asked: joined(turn.asked, saved.user_message_id),
    answered: joined(turn.answered, saved.message_id),
  };
}

/** The turns of `next`, but those that are on the page already as they are: what only the stream said stays. */
export function keepKnown(known: readonly Turn[], next: readonly Turn[]): Turn[] {
  const byId = new Map(known.flatMap((turn) => (turn.answered.id === null ? [] : [[turn.answered.id, turn] as const])));
  return next.map((turn) => {
    const before = turn.answered.id === null ? undefined : byId.get(turn.answered.id);
    return before ? { ...before, asked: turn.asked, answered: turn.answered } : turn;
  });
}

const isUnsaved = ({ answer, answered }: Turn): boolean => answered.id === null && answer.content.trim() !== "";

/** Text that was neither saved nor kept: another branch shown in its place would lose it. */
export const hasUnsaved = (turns: readonly Turn[]): boolean => turns.some(isUnsaved);

/** The turns of a branch, each knowing whether it stands in place of the unsaved one in `aside`. */
export function besideUnsaved(turns: Turn[], aside: readonly Turn[]): Turn[] {
  const left = aside.find(isUnsaved);
  if (!left) return turns;
  const { asked, place } = left;
  // A question of its own, not a version of another, stands after what it was put after.
  if (asked.id === null && !asked.siblings.length)
    return turns.at(-1)?.answered.id === place.parent_id ? [...turns, left] : turns;
  return turns.map((turn) => {
    if (asked.id === null)
      return turn.asked.id !== null && asked.siblings.includes(turn.asked.id)
        ? { ...turn, asked: { ...turn.asked, unsaved: true } }
        : turn;
    return turn.asked.id === asked.id ? { ...turn, answered: { ...turn.answered, unsaved: true } } : turn;
  });
}

/** The turns before one, and the placement of another version of it: of its question, or of its answer. */
export function versionOf(
  turns: readonly Turn[],
  turn: Turn,
  question: string | null,
): Pick<Turn, "asked" | "answered" | "place"> & { before: Turn[] } {
  const before = turns.slice(
    0,
    turns.findIndex((one) => one.key === turn.key),
  );
  const { asked, answered } = turn;
  // What was never saved has no place of its own yet: the question is put where it was put before.
  if (asked.id === null) return { before, asked, answered, place: turn.place };
  if (question !== null) {
    return { before, asked: { id: null, siblings: asked.siblings }, answered: UNSAVED, place: { edit_of: asked.id } };
  }
  return {
    before,
    asked,
    answered: { id: null, siblings: answered.siblings },
    place: { regenerate: true, parent_id: asked.id },
  };
}

/** Where a question goes that follows these turns. */
export function placeAfter(turns: readonly Turn[]): Placement {
  const last = turns.findLast((turn) => turn.answered.id !== null)?.answered.id;
  return last === null || last === undefined ? {} : { parent_id: last };
}
