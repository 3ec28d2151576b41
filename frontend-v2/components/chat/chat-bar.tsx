import { History, MessageSquarePlus } from "lucide-react";
import { memo } from "react";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import type { Run, Usage } from "@/lib/types";
import { UsageLine } from "./usage-line";

export interface ChatBarProps {
  run: Run;
  /** Of the whole conversation. */
  usage: Usage | null;
  onHistory: () => void;
}

/** Which run is asked about, what the conversation has cost, and the way to others. */
export const ChatBar = memo(function ChatBar({ run, usage, onHistory }: ChatBarProps) {
  const { go } = useView();
  return (
    <div className="flex h-10 shrink-0 items-center gap-2 px-3 md:px-4">
      <span
        data-testid="run-badge"
        className="tnum rounded-md border border-accent/50 bg-accent/15 px-2 py-0.5 text-xs font-medium whitespace-nowrap text-accent-ink"
      >
        Run #{run.run_number}
      </span>
      <span className="min-w-0 flex-1 truncate">
        <UsageLine usage={usage} whole />
      </span>
      <Button
        variant="ghost"
        size="sm"
        data-testid="new-conversation"
        onClick={() => go({ session: "new", tab: "chat" })}
      >
        <MessageSquarePlus aria-hidden />
        <span>
          New<span className="max-sm:hidden"> conversation</span>
        </span>
      </Button>
      <Button variant="ghost" size="sm" data-testid="history-button" onClick={onHistory}>
        <History aria-hidden /> History
      </Button>
    </div>
  );
});
