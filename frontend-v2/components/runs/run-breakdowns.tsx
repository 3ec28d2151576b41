import { useState } from "react";
import { BreakdownTable } from "@/components/charts/breakdown-table";
import { useActions } from "@/hooks/use-actions";
import { useView } from "@/components/shell/view-provider";
import { Choice } from "@/components/ui/choice";
import { Section } from "@/components/ui/section";
import { labelOf } from "@/lib/format";
import { filterOfRow } from "@/lib/trade-choices";
import { textFromFilter } from "@/lib/trade-filter";
import type { Analysis, BreakdownRow, Run } from "@/lib/types";

const DIMENSIONS = [
  { value: "symbol", label: "Symbol" },
  { value: "side", label: "Side" },
  { value: "hour", label: "Hour" },
  { value: "weekday", label: "Weekday" },
  { value: "tag", label: "Tag" },
  { value: "entry_tag", label: "Entry tag" },
  { value: "holding_time", label: "Time held" },
] as const;
type Dimension = (typeof DIMENSIONS)[number]["value"];

/** The closed trades by one dimension at a time; a row opens its trades. */
export function RunBreakdowns({ run, analysis }: { run: Run; analysis: Analysis }) {
  const { showTrades } = useActions();
  const { go } = useView();
  const [dimension, setDimension] = useState<Dimension>("symbol");
  const rows = analysis.breakdowns[dimension] ?? [];
  const open = (row: BreakdownRow): void => {
    const filter = filterOfRow(dimension, row.key);
    if (filter) go({ tab: "trades", filter: textFromFilter(filter) });
    else showTrades({ run, ids: row.trade_ids, title: `${labelOf(dimension)} ${row.key}` });
  };
  const timed = dimension === "hour" || dimension === "weekday";
  return (
    <Section
      title="Breakdown"
      note={timed ? "by opening time, UTC" : "closed trades"}
      testId="run-breakdowns"
      actions={
        <Choice
          label="Break down by"
          options={DIMENSIONS}
          value={dimension}
          onChange={setDimension}
          testId="dimension"
        />
      }
    >
      <BreakdownTable key={dimension} dimension={dimension} rows={rows} currency={run.currency} onOpen={open} />
    </Section>
  );
}
