import { MessageCircleQuestion } from "lucide-react";
import { useAsk } from "@/components/shell/ask-provider";
import { cn } from "@/lib/cn";
import { Button } from "@/components/ui/button";
import { Tip } from "@/components/ui/tip";

export interface AskButtonProps {
  question: string;
  /** What is asked about, for screen readers: "trade #5". */
  about: string;
  /** With words beside the icon. */
  labelled?: boolean;
  className?: string;
}

/** "Ask about this": puts a question into the chat, where it can be changed before it is sent. */
export function AskButton({ question, about, labelled, className }: AskButtonProps) {
  const ask = useAsk();
  const button = (
    <Button
      variant="ghost"
      size={labelled ? "sm" : "icon-sm"}
      aria-label={labelled ? `Ask about this: ${about}` : `Ask about ${about}`}
      data-testid="ask-about"
      className={cn("text-accent-ink", className)}
      onClick={(event) => {
        event.stopPropagation();
        ask(question);
      }}
    >
      <MessageCircleQuestion aria-hidden /> {labelled ? "Ask about this" : null}
    </Button>
  );
  return labelled ? button : <Tip text="Ask about this">{button}</Tip>;
}
