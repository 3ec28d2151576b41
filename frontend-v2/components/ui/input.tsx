import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const inputStyle =
  "weak:w-full rounded-md border weak:border-field bg-canvas px-2.5 weak:text-[13px] text-ink placeholder:text-ink-3 focus:border-accent-ink focus:outline-none focus-visible:outline-none focus:ring-1 focus:ring-accent-ink disabled:opacity-50";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(inputStyle, "weak:h-9", className)} {...props} />;
}
