import { Pencil } from "lucide-react";
import { memo } from "react";
import { onDemand } from "@/components/ui/on-demand";
import type { Turn } from "@/lib/turns";
import { CopyButton } from "./copy-button";
import { MessageAction, MessageActions } from "./message-actions";
import { VersionSwitch } from "./version-switch";

const QuestionEditor = onDemand(() => import("./question-editor").then((module) => module.QuestionEditor));

export interface MessageUserProps {
  turn: Turn;
  /** An answer is coming: what is there can't be changed meanwhile. */
  busy: boolean;
  last: boolean;
  editing: boolean;
  onEditing: (key: string | null) => void;
  onEdit: (turn: Turn, question: string) => void;
  onShow: (messageId: number | null) => Promise<void>;
}

/** A question, its other versions, and a way to ask it in other words. */
export const MessageUser = memo(function MessageUser(props: MessageUserProps) {
  const { turn, busy, last, editing, onEditing, onEdit, onShow } = props;
  if (editing && !busy)
    return (
      <QuestionEditor
        text={turn.question}
        onCancel={() => onEditing(null)}
        onSend={(question) => {
          onEditing(null);
          onEdit(turn, question);
        }}
      />
    );
  return (
    <div className="flex flex-col items-end gap-1">
      <div
        data-testid="message-user"
        className="max-w-[85%] rounded-lg rounded-ee-sm border border-accent/40 bg-accent/18 px-3 py-2 text-[13.5px] whitespace-pre-wrap break-words"
        dir="auto"
      >
        {turn.question}
      </div>
      <MessageActions quiet={!last && turn.asked.siblings.length < 2}>
        <VersionSwitch fork={turn.asked} of="question" disabled={busy} onShow={onShow} />
        <CopyButton text={() => turn.question} compact what="question" />
        {busy ? null : (
          <MessageAction
            label="Edit the question"
            icon={Pencil}
            testId="edit-question"
            onClick={() => onEditing(turn.key)}
          />
        )}
      </MessageActions>
    </div>
  );
});
