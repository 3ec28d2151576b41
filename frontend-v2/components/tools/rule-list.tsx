import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useActions } from "@/hooks/use-actions";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { plural } from "@/lib/format";
import type { ModelRule, RuleSuggestions, Run, SuggestedRule } from "@/lib/types";
import { RuleCard } from "./rule-card";

const same = (rule: SuggestedRule, adopted: ModelRule): boolean =>
  rule.kind === adopted.kind && rule.name === adopted.name;

/** Suggested rules, and which rules the run's model has adopted so far. */
export function RuleList({ data: suggestions, run }: { data: RuleSuggestions; run: Run }) {
  const api = useApi();
  const queries = useQueryClient();
  const { editModel, showTrades } = useActions();
  const key = ["rules", run.model_id];
  const adopted = useQuery({ queryKey: key, queryFn: () => api.models.rules(run.model_id) });
  const has = adopted.data ?? [];

  const adopt = async ({ name, kind, params, code }: SuggestedRule): Promise<void> => {
    const rule = await api.models.addRule(run.model_id, { name, kind, params, code, enabled: true });
    queries.setQueryData<ModelRule[]>(key, (rules = []) => [...rules, rule]);
  };
  return (
    <div className="space-y-2">
      <p className="text-xs text-ink-3">
        {plural(suggestions.rules_tried, "rule")} and {plural(suggestions.parameter_values_tried, "parameter value")}{" "}
        were tried on this run: with so many tries some look good by chance.
      </p>
      {suggestions.rules.map((rule, index) => (
        <RuleCard
          key={index}
          rule={rule}
          currency={suggestions.currency}
          adopted={has.some((one) => same(rule, one))}
          onAdopt={adopt}
          onShowRemoved={({ where, ids }) => showTrades({ run, ids, where, title: `Removed by: ${rule.name}` })}
        />
      ))}
      {has.length ? (
        <section
          aria-label="Adopted rules"
          data-testid="adopted-rules"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border px-3 py-2 text-xs"
        >
          <p className="min-w-0 flex-1 text-ink-2">
            <span className="font-medium text-ink">{run.model_name} has adopted: </span>
            {has.map((rule) => `${rule.name}${rule.enabled ? "" : " (off)"}`).join(" · ")}
          </p>
          <Button size="sm" variant="ghost" onClick={() => editModel(run.model_id)}>
            Manage
          </Button>
        </section>
      ) : null}
    </div>
  );
}
