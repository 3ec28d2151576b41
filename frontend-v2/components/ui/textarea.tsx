import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { inputStyle } from "./input";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(inputStyle, "min-h-20 py-2 leading-relaxed", className)} {...props} />;
}
