import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { Histogram, rangeText } from "@/components/charts/histogram";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { AskButton } from "@/components/chat/ask-button";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useFetched } from "@/hooks/use-fetched";
import { DASH, formatMeasure, formatNumber, formatSigned, plural } from "@/lib/format";
import { questionOfBin } from "@/lib/questions";
import { inBin } from "@/lib/trade-choices";
import { textFromFilter } from "@/lib/trade-filter";
import type { Distribution, DistributionBin, Measure, Run } from "@/lib/types";

const MEASURES: readonly { value: Measure; label: string }[] = [
  { value: "net_pnl", label: "Net P&L" },
  { value: "return_pct", label: "Return" },
  { value: "holding_seconds", label: "Time held" },
  { value: "mae", label: "MAE" },
  { value: "mfe", label: "MFE" },
];

function Described({ data }: { data: Distribution }) {
  const show = (value: number | null | undefined): string =>
    value === null || value === undefined ? DASH : formatMeasure(data.measure, value);
  const facts: [string, string][] = [
    ["Mean", show(data.mean)],
    ["Median", show(data.percentiles.p50)],
    ["5 % below", show(data.percentiles.p05)],
    ["5 % above", show(data.percentiles.p95)],
    ["Std. deviation", show(data.stdev)],
    ["Skew", formatNumber(data.skew)],
  ];
  return (
    <dl className="tnum grid grid-cols-3 gap-x-3 gap-y-1 text-xs @xl:grid-cols-6">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt className="text-2xs text-ink-3">{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How the trades' results are spread; a bar opens its trades. */
export function RunDistribution({ run }: { run: Run }) {
  const api = useApi();
  const { go } = useView();
  const [measure, setMeasure] = useState<Measure>("net_pnl");
  const [bin, setBin] = useState<DistributionBin | null>(null);
  const spread = useFetched({
    queryKey: ["distribution", run.id, run.version, measure],
    queryFn: () => api.runs.distribution(run.model_id, run.id, measure),
    placeholderData: keepPreviousData,
  });
  const { data } = spread;
  const choose = (value: Measure): void => {
    setMeasure(value);
    setBin(null);
  };
  return (
    <Section
      title="Distribution"
      note={data?.unknown_count ? `${plural(data.unknown_count, "trade")} without it left out` : "closed trades"}
      testId="run-distribution"
      actions={<Choice label="Measure" options={MEASURES} value={measure} onChange={choose} testId="measure" />}
    >
      {spread.error ? <ProblemNote error={spread.error} onRetry={() => void spread.refetch()} /> : null}
      {spread.isPending ? <Skeleton className="h-44" /> : null}
      {data && !data.bins.length ? (
        <EmptyState title={data.unknown_count ? "The source does not say this of any trade" : "No closed trades"} />
      ) : null}
      {data?.bins.length ? (
        <div className="space-y-2 rounded-md border bg-panel p-2 @3xl:p-3">
          <Histogram data={data} onOpen={setBin} selected={bin} />
          {bin ? (
            <p className="flex flex-wrap items-center gap-2 text-xs" role="status" data-testid="bin-detail">
              <span>
                {rangeText(data.measure, bin)}: {plural(bin.trade_count, "trade")}, net{" "}
                {formatSigned(bin.net_pnl, 2, ` ${run.currency}`)}
              </span>
              <Button
                size="sm"
                data-testid="bin-trades"
                onClick={() => go({ tab: "trades", filter: textFromFilter(inBin(data.measure, bin)) })}
              >
                Show the trades
              </Button>
              <AskButton labelled question={questionOfBin(data.measure, bin)} about={rangeText(data.measure, bin)} />
            </p>
          ) : null}
          <Described data={data} />
        </div>
      ) : null}
    </Section>
  );
}
