import { BadgeCheck, CircleHelp, Sigma } from "lucide-react";
import { cn } from "@/lib/cn";
import type { FigureStatus } from "@/lib/types";

const ICONS: Record<FigureStatus, typeof Sigma> = { verified: BadgeCheck, derived: Sigma, unverified: CircleHelp };
const TONES: Record<FigureStatus, string> = {
  verified: "text-gain",
  derived: "text-accent-ink",
  unverified: "text-warn",
};

/** A figure's status by shape and word; the colour only repeats it. */
export function StatusMark({ status, className }: { status: FigureStatus; className?: string }) {
  const Icon = ICONS[status];
  return (
    <span className={cn("inline-flex items-center gap-1.5", TONES[status], className)}>
      <Icon className="size-3.5 shrink-0" aria-hidden /> {status}
    </span>
  );
}
