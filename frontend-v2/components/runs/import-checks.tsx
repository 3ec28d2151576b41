import { Check, CircleHelp, TriangleAlert, type LucideIcon } from "lucide-react";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import type { ImportCheck } from "@/lib/types";

const LOOKS: Record<ImportCheck["outcome"], { icon: LucideIcon; tone: string; word: string }> = {
  differs: { icon: TriangleAlert, tone: "text-warn", word: "differs" },
  offered: { icon: CircleHelp, tone: "text-warn", word: "open" },
  unchecked: { icon: CircleHelp, tone: "text-ink-3", word: "not checked" },
  applied: { icon: Check, tone: "text-accent-ink", word: "applied" },
  agrees: { icon: Check, tone: "text-gain", word: "agrees" },
};
const ORDER = Object.keys(LOOKS) as ImportCheck["outcome"][];

function Line({ check }: { check: ImportCheck }) {
  // An outcome of a later server is shown as what it is not known to be.
  const { icon: Icon, tone, word } = LOOKS[check.outcome] ?? LOOKS.unchecked;
  return (
    <li data-testid="import-check" data-outcome={check.outcome} className="flex items-start gap-2">
      <Icon className={cn("mt-0.5 size-3.5 shrink-0", tone)} aria-hidden />
      <span className="min-w-0 break-words">
        <span className={cn("font-medium", tone)}>{word}: </span>
        {check.message}
      </span>
    </li>
  );
}

/** What the file states itself, held against what was read of it: what differs first, what agrees folded away. */
export function ImportChecks({ checks }: { checks: readonly ImportCheck[] }) {
  if (!checks.length) return null;
  const sorted = [...checks].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const open = sorted.filter(({ outcome }) => outcome !== "agrees");
  const agreed = sorted.filter(({ outcome }) => outcome === "agrees");
  return (
    <section
      aria-label="Held against the file"
      data-testid="import-checks"
      className="space-y-1 rounded-md border p-2.5 text-xs"
    >
      <h3 className="font-medium">What the file says itself</h3>
      {open.length ? (
        <ul className="space-y-1">
          {open.map((check, index) => (
            <Line key={index} check={check} />
          ))}
        </ul>
      ) : null}
      {agreed.length ? (
        <details>
          <summary className="text-gain">
            {agreed.length === 1 ? "1 statement agrees" : `${formatCount(agreed.length)} statements agree`} with what
            was read
          </summary>
          <ul className="mt-1 space-y-1">
            {agreed.map((check, index) => (
              <Line key={index} check={check} />
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
