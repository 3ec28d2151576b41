import { BadgeCheck, CircleDashed, CircleHelp, EqualNot, Globe, Sigma, type LucideIcon } from "lucide-react";
import { cn } from "@/lib/cn";
import { isMismatch } from "@/lib/figure-status";
import type { CheckedFigure, FigureStatus } from "@/lib/types";

const LOOKS: Record<FigureStatus, { icon: LucideIcon; tone: string }> = {
  verified: { icon: BadgeCheck, tone: "text-gain" },
  derived: { icon: Sigma, tone: "text-accent-ink" },
  sourced: { icon: Globe, tone: "text-ink-2" },
  found: { icon: CircleDashed, tone: "text-ink-2" },
  unverified: { icon: CircleHelp, tone: "text-warn" },
};

/** A figure's status by shape and word; the colour only repeats it. */
export function StatusMark({ figure, className }: { figure: CheckedFigure; className?: string }) {
  const mismatch = isMismatch(figure);
  const { icon, tone } = LOOKS[figure.status];
  const Icon = mismatch ? EqualNot : icon;
  return (
    <span className={cn("inline-flex items-center gap-1.5", mismatch ? "text-loss" : tone, className)}>
      <Icon className="size-3.5 shrink-0" aria-hidden /> {mismatch ? "another" : figure.status}
    </span>
  );
}
