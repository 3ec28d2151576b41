import { answerFromMessage, EMPTY_ANSWER, type Answer } from "./chat-reducer";
import type { ChatHistory } from "./types";

/** A question and its answer. */
export interface Turn {
  key: string;
  question: string;
  answer: Answer;
}

/** Saved messages as turns. A question without an answer, or an answer without a question, is still shown. */
export function turnsFromHistory(history: ChatHistory): Turn[] {
  const turns: Turn[] = [];
  for (const message of history.messages) {
    const open = turns.at(-1);
    if (message.role === "user") {
      turns.push({ key: `m${message.id}`, question: message.content, answer: EMPTY_ANSWER });
    } else {
      const answer = answerFromMessage(message, history.session_id);
      if (open && open.answer === EMPTY_ANSWER) turns[turns.length - 1] = { ...open, answer };
      else turns.push({ key: `m${message.id}`, question: "", answer });
    }
  }
  return turns;
}
