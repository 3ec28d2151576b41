import { onDemand } from "@/components/ui/on-demand";
import { EMPTY_ANSWER } from "@/lib/chat-reducer";
import type { FigureEvidence } from "@/lib/evidence";
import type { Turn } from "@/lib/turns";
import type { Run } from "@/lib/types";
import type { Conversation } from "@/hooks/use-conversation";
import { MessageUser } from "./message-user";

/** Comes with the first answer, as the markdown renderer does: a chat that begins needs neither. */
const MessageAssistant = onDemand(() => import("./message-assistant").then((module) => module.MessageAssistant));

export interface ConversationTurnProps {
  turn: Turn;
  run: Run;
  chat: Pick<Conversation, "live" | "regenerate" | "edit" | "show" | "keep">;
  last: boolean;
  editing: boolean;
  onEditing: (key: string | null) => void;
  onAsk: (question: string) => void;
  onEvidence: (evidence: FigureEvidence) => void;
}

/** A question and its answer. */
export function ConversationTurn({
  turn,
  run,
  chat,
  last,
  editing,
  onEditing,
  onAsk,
  onEvidence,
}: ConversationTurnProps) {
  return (
    <div className="group/turn space-y-3">
      {turn.question ? (
        <MessageUser
          turn={turn}
          busy={chat.live}
          last={last}
          editing={editing}
          onEditing={onEditing}
          onEdit={chat.edit}
          onShow={chat.show}
        />
      ) : null}
      {turn.answer !== EMPTY_ANSWER ? (
        <MessageAssistant
          turn={turn}
          run={run}
          busy={chat.live}
          last={last}
          onAsk={onAsk}
          onRegenerate={chat.regenerate}
          onShow={chat.show}
          onKeep={chat.keep}
          onEvidence={onEvidence}
        />
      ) : null}
    </div>
  );
}
