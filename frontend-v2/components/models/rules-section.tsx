import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, Trash2 } from "lucide-react";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { formatTime, labelOf } from "@/lib/format";
import type { ModelRule } from "@/lib/types";

/** The highlighter comes with the markdown renderer, which this dialog rarely needs. */
const MarkdownRenderer = onDemand(
  () => import("@/components/markdown-renderer").then((module) => module.MarkdownRenderer),
  () => <Skeleton className="h-24" />,
);

/** A fence longer than any in the code. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map((ticks) => ticks[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}python\n${code}\n${fence}`;
}

interface RuleItemProps {
  rule: ModelRule;
  onSwitch: () => void;
  onRemove: () => void;
}

function RuleItem({ rule, onSwitch, onRemove }: RuleItemProps) {
  const [open, setOpen] = useState(false);
  const parameters = Object.entries(rule.params);
  return (
    <li data-testid="rule-item" className="rounded-md bg-raised">
      <div className="flex items-center gap-2 px-2.5 py-1.5">
        <label className={cn("flex min-w-0 flex-1 items-center gap-2 text-[13px]", !rule.enabled && "text-ink-3")}>
          <input type="checkbox" className="accent-accent" checked={rule.enabled} onChange={onSwitch} />
          <span className="truncate">{rule.name}</span>
        </label>
        <Button
          variant="ghost"
          size="sm"
          aria-expanded={open}
          aria-label={`Details of ${rule.name}`}
          data-testid="rule-details"
          onClick={() => setOpen(!open)}
        >
          <ChevronRight className={cn("transition-transform", open && "rotate-90")} aria-hidden /> Code
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          data-testid="rule-remove"
          aria-label={`Remove ${rule.name}`}
          onClick={onRemove}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
      {open ? (
        <div className="space-y-2 border-t px-2.5 py-2 text-xs">
          <p className="text-ink-2">
            {labelOf(rule.kind)} · adopted {formatTime(rule.created_at, false)}
            {parameters.length
              ? ` · ${parameters.map(([name, value]) => `${labelOf(name)} ${JSON.stringify(value)}`).join(", ")}`
              : ""}
          </p>
          {rule.code ? (
            <MarkdownRenderer content={fenced(rule.code)} />
          ) : (
            <p className="text-ink-3">No code was kept with it.</p>
          )}
        </div>
      ) : null}
    </li>
  );
}

/** Rules the reader adopted: the agent knows those that are on. */
export function RulesSection({ modelId }: { modelId: number }) {
  const api = useApi();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const [leaving, setLeaving] = useState<ModelRule | null>(null);
  const rules = useQuery({ queryKey: ["rules", modelId], queryFn: () => api.models.rules(modelId) });
  const refresh = () => queries.invalidateQueries({ queryKey: ["rules", modelId] });
  const turn = async (rule: ModelRule): Promise<void> => {
    setProblem(null);
    try {
      await api.models.updateRule(modelId, rule.id, { enabled: !rule.enabled });
    } catch (error) {
      setProblem(error);
    }
    await refresh();
  };
  const active = rules.data?.filter((rule) => rule.enabled).length ?? 0;
  return (
    <section className="space-y-2 border-t pt-4">
      <h3 className="flex items-baseline gap-2 text-[13px] font-semibold">
        Adopted rules
        {rules.data?.length ? (
          <span className="tnum text-xs font-normal text-ink-3">
            {active} of {rules.data.length} on
          </span>
        ) : null}
      </h3>
      {rules.error ? <ProblemNote error={rules.error} onRetry={() => void rules.refetch()} /> : null}
      {problem ? <ProblemNote error={problem} /> : null}
      {rules.isPending ? <Skeleton className="h-10" /> : null}
      {rules.data && !rules.data.length ? (
        <p className="text-xs text-ink-3">None yet. Ask a run “What should I change?” and adopt what holds.</p>
      ) : null}
      <ul className="space-y-1">
        {rules.data?.map((rule) => (
          <RuleItem key={rule.id} rule={rule} onSwitch={() => void turn(rule)} onRemove={() => setLeaving(rule)} />
        ))}
      </ul>
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={(open) => (open ? undefined : setLeaving(null))}
        title={`Remove “${leaving?.name ?? ""}”?`}
        body="The analyst will no longer know of it. Past conversations keep it."
        action="Remove rule"
        onConfirm={async () => {
          if (leaving) await api.models.removeRule(modelId, leaving.id);
          await refresh();
        }}
      />
    </section>
  );
}
