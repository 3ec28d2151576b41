import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const ALWAYS =
  "inline-flex shrink-0 items-center justify-center gap-1.5 weak:rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-50 disabled:pointer-events-none [&_svg]:shrink-0";

const VARIANTS = {
  primary: "bg-accent text-white hover:bg-accent-hover",
  secondary: "border border-line-strong bg-raised weak:text-ink hover:bg-hover",
  ghost: "weak:text-ink-2 hover:bg-hover hover:text-ink",
  danger: "bg-stop text-white hover:bg-stop-hover",
};

const SIZES = {
  sm: "weak:h-7 weak:pointer-coarse:h-9 px-2.5 text-xs [&_svg]:size-3.5",
  md: "weak:h-8.5 px-3 text-[13px] [&_svg]:size-4",
  lg: "weak:h-10 px-4 text-sm [&_svg]:size-4",
  icon: "size-8 [&_svg]:size-4",
  "icon-sm": "size-6.5 pointer-coarse:size-8 [&_svg]:size-3.5",
};

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

export function Button({ className, variant = "secondary", size = "md", type = "button", ...props }: ButtonProps) {
  return <button type={type} className={cn(ALWAYS, VARIANTS[variant], SIZES[size], className)} {...props} />;
}
