import { History, MessageSquarePlus } from "lucide-react";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { useActions } from "@/hooks/use-actions";
import type { Run } from "@/lib/types";

/** A new conversation about the run, and the way to the earlier ones; without words where there is no room. */
export function ChatActions({ run }: { run: Run }) {
  const { go } = useView();
  const { showHistory } = useActions();
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        aria-label="New conversation"
        data-testid="new-conversation"
        onClick={() => go({ session: "new", tab: "chat" })}
      >
        <MessageSquarePlus aria-hidden />
        <span className="hidden xl:inline">New</span>
      </Button>
      <Button
        variant="ghost"
        size="sm"
        aria-label="History"
        data-testid="history-button"
        onClick={() => showHistory(run)}
      >
        <History aria-hidden />
        <span className="hidden xl:inline">History</span>
      </Button>
    </>
  );
}
