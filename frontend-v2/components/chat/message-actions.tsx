import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";

export interface MessageActionProps {
  label: string;
  icon: LucideIcon;
  testId: string;
  onClick: () => void;
}

export function MessageAction({ label, icon: Icon, testId, onClick }: MessageActionProps) {
  return (
    <Tip text={label}>
      <Button variant="ghost" size="icon-sm" aria-label={label} data-testid={testId} onClick={onClick}>
        <Icon aria-hidden />
      </Button>
    </Tip>
  );
}

/** What can be done with a message. Of older ones it shows when they are pointed at, focused, or on a touch screen. */
export function MessageActions({ quiet, children }: { quiet: boolean; children: ReactNode }) {
  return (
    <div
      className={cn(
        "flex h-6.5 items-center gap-0.5 transition-opacity",
        quiet &&
          "focus-within:opacity-100 group-hover/turn:opacity-100 [@media(hover:hover)]:opacity-0 [@media(hover:hover)]:group-hover/turn:opacity-100 [@media(hover:hover)]:focus-within:opacity-100",
      )}
    >
      {children}
    </div>
  );
}
