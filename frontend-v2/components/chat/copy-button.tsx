import { Check, Copy, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { copyText } from "@/lib/clipboard";

const SHOWN_MS = 2000;

export interface CopyButtonProps {
  text: () => string;
  /** The icon alone; `what` then names what is copied to screen readers. */
  compact?: boolean;
  what?: string;
  label?: string;
  className?: string;
}

const ICONS = { idle: Copy, copied: Check, failed: X };

/** Copy, which says Copied for two seconds. */
export function CopyButton({ text, compact, what = "", label = "Copy", className }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (): Promise<void> => {
    setState((await copyText(text())) ? "copied" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState("idle"), SHOWN_MS);
  };
  const shown = { idle: label, copied: "Copied", failed: "Press Ctrl+C" }[state];
  const Icon = ICONS[state];
  return (
    <button
      type="button"
      data-testid={compact ? "copy-message" : "copy-button"}
      aria-live="polite"
      aria-label={compact ? (state === "idle" ? `Copy the ${what}` : shown) : undefined}
      className={cn(
        "inline-flex items-center justify-center gap-1.5 rounded text-xs hover:bg-hover",
        compact ? "size-6.5" : "h-6 px-1.5",
        state === "copied" ? "text-gain" : "text-ink-2 hover:text-ink",
        className,
      )}
      onClick={() => void copy()}
    >
      <Icon className="size-3.5" aria-hidden />
      {compact ? null : shown}
    </button>
  );
}
