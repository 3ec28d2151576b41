import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** `sheet` comes in from the end of the line (in English the right) and leaves the rest in sight. */
  side?: "center" | "sheet" | "left";
  className?: string;
  testId?: string;
  /** Stays in sight below what scrolls. */
  footer?: ReactNode;
  children: ReactNode;
}

const PLACE = {
  center:
    "inset-x-0 top-1/2 mx-auto max-h-[min(92dvh,860px)] weak:w-[min(94vw,640px)] -translate-y-1/2 overflow-hidden rounded-lg border",
  sheet: "end-0 top-0 h-dvh w-[min(100vw,520px)] border-s animate-slide-in",
  left: "start-0 top-0 h-dvh w-[min(86vw,300px)] border-e",
};

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  side = "center",
  className,
  testId,
  footer,
  children,
}: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        {/* As high as the content: of two dialogs the later one dims the earlier. */}
        <Radix.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <Radix.Content
          data-testid={testId}
          aria-describedby={description ? undefined : ""}
          className={cn(
            "fixed z-50 flex flex-col bg-panel shadow-2xl shadow-black/50 focus:outline-none",
            PLACE[side],
            className,
          )}
        >
          <header className="flex items-start gap-3 border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="truncate text-[15px] font-semibold">{title}</Radix.Title>
              {description ? (
                <Radix.Description className="mt-0.5 text-xs text-ink-2">{description}</Radix.Description>
              ) : null}
            </div>
            <Radix.Close
              aria-label="Close"
              className="-m-1 grid size-8 place-items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
            >
              <X className="size-4" aria-hidden />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
          {footer}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
