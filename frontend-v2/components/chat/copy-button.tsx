"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { copyText } from "@/lib/clipboard";

const SHOWN_MS = 2000;

export interface CopyButtonProps {
  text: () => string;
  className?: string;
}

/** Copy, which says Copied for two seconds. */
export function CopyButton({ text, className }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (): Promise<void> => {
    setState((await copyText(text())) ? "copied" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState("idle"), SHOWN_MS);
  };
  const label = { idle: "Copy", copied: "Copied", failed: "Press Ctrl+C" }[state];
  return (
    <button
      type="button"
      data-testid="copy-button"
      aria-live="polite"
      className={cn(
        "inline-flex h-6 items-center gap-1.5 rounded px-1.5 text-xs text-ink-2 hover:bg-hover hover:text-ink",
        state === "copied" && "text-gain hover:text-gain",
        className,
      )}
      onClick={() => void copy()}
    >
      {state === "copied" ? <Check className="size-3.5" aria-hidden /> : <Copy className="size-3.5" aria-hidden />}
      {label}
    </button>
  );
}
