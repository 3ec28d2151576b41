"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";

/** Rules the reader adopted: the agent knows those that are on. */
export function RulesSection({ modelId }: { modelId: number }) {
  const api = useApi();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const rules = useQuery({ queryKey: ["rules", modelId], queryFn: () => api.models.rules(modelId) });

  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ["rules", modelId] });
  };
  return (
    <section className="space-y-2 border-t pt-4">
      <h3 className="text-[13px] font-semibold">Adopted rules</h3>
      {rules.error ? <ProblemNote error={rules.error} onRetry={() => void rules.refetch()} /> : null}
      {problem ? <ProblemNote error={problem} /> : null}
      {rules.isPending ? <Skeleton className="h-10" /> : null}
      {rules.data && !rules.data.length ? (
        <p className="text-xs text-ink-3">None yet. Ask a run “What should I change?” and adopt what holds.</p>
      ) : null}
      <ul className="space-y-1">
        {rules.data?.map((rule) => (
          <li
            key={rule.id}
            data-testid="rule-item"
            className="flex items-center gap-2 rounded-md bg-raised px-2.5 py-1.5"
          >
            <label className="flex min-w-0 flex-1 items-center gap-2 text-[13px]">
              <input
                type="checkbox"
                className="accent-accent"
                checked={rule.enabled}
                onChange={() => void attempt(() => api.models.updateRule(modelId, rule.id, { enabled: !rule.enabled }))}
              />
              <span className="truncate">{rule.name}</span>
            </label>
            <span className="font-mono text-2xs text-ink-3">{rule.kind}</span>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Remove ${rule.name}`}
              onClick={() => void attempt(() => api.models.removeRule(modelId, rule.id))}
            >
              <Trash2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
