import { useState } from "react";
import { cn } from "@/lib/cn";
import { formatCount, formatMoney, formatPrice, formatUtc, labelOf } from "@/lib/format";
import { confidenceText, type ImportDraft, type ImportOptionName } from "@/lib/import-form";
import type { ColumnMapping, ImportPreview } from "@/lib/types";
import { inputStyle } from "@/components/ui/input";
import { ImportChecks } from "./import-checks";
import { ImportQuestions } from "./import-questions";

export interface ImportPreviewViewProps {
  preview: ImportPreview;
  strategies: readonly string[];
  strategy: string;
  mapping: ColumnMapping;
  draft: ImportDraft;
  onStrategy: (strategy: string) => void;
  onMeaning: (column: string, meaning: string | null) => void;
  onOption: (name: ImportOptionName, value: string) => void;
  onMultiplier: (symbol: string, text: string) => void;
}

const WARNINGS_SHOWN = 8;

/** What the file was read as, before anything is saved, with what can be corrected. */
export function ImportPreviewView(props: ImportPreviewViewProps) {
  const { preview, strategies, strategy, mapping, draft, onStrategy, onMeaning, onOption, onMultiplier } = props;
  const facts: [string, string][] = [
    ["Trades", formatCount(preview.trades)],
    ["Rows", formatCount(preview.positions)],
    ["Net P&L", formatMoney(preview.net_pnl, preview.currency ?? "")],
    ["Currency", preview.currency ?? "not known"],
    ["Time zone", preview.timezone ?? "not known"],
    ["Initial cash", preview.initial_cash === null ? "not known" : formatMoney(preview.initial_cash)],
  ];
  return (
    <section data-testid="import-preview" aria-label="Preview" className="space-y-3 text-[13px]">
      <p className="text-xs text-ink-2">
        <span className="font-medium text-ink">{preview.format}</span>, {confidenceText(preview)}
        {preview.skipped_count ? `; ${formatCount(preview.skipped_count)} rows are left out` : ""}.
      </p>
      {strategies.length > 1 ? (
        <label className="block space-y-1">
          <span className="text-xs font-medium text-ink-2">Strategy</span>
          <select
            className={`${inputStyle} h-9`}
            data-testid="import-strategy-choice"
            value={strategy}
            onChange={(event) => onStrategy(event.target.value)}
          >
            <option value="">Choose one</option>
            {strategies.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      ) : null}
      {preview.problem ? (
        <p role="alert" className="break-words rounded-md border border-warn/40 p-2.5 text-[13px] text-warn">
          {preview.problem.message}
        </p>
      ) : (
        <dl className="tnum grid grid-cols-2 gap-2 sm:grid-cols-3">
          {facts.map(([label, value]) => (
            <div key={label} className="min-w-0 rounded-md bg-raised px-2.5 py-1.5">
              <dt className="text-2xs text-ink-2">{label}</dt>
              <dd className="truncate font-semibold">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <ImportChecks checks={preview.checks ?? []} />
      <ImportQuestions
        questions={preview.questions ?? []}
        checks={preview.checks ?? []}
        draft={draft}
        onOption={onOption}
        onMultiplier={onMultiplier}
      />
      {preview.mapping ? (
        <Mapping
          mapping={mapping}
          meanings={preview.meanings}
          onMeaning={onMeaning}
          open={preview.confidence === "low"}
        />
      ) : null}
      {preview.first_rows.length ? <FirstRows preview={preview} /> : null}
      {preview.warnings.length ? (
        <ul className="list-disc space-y-0.5 ps-4 text-xs text-ink-2" data-testid="import-warnings">
          {preview.warnings.slice(0, WARNINGS_SHOWN).map((warning, index) => (
            <li key={index} className="break-words">
              {warning}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

interface MappingProps {
  mapping: ColumnMapping;
  meanings: readonly string[];
  open: boolean;
  onMeaning: (column: string, meaning: string | null) => void;
}

function Mapping({ mapping, meanings, open, onMeaning }: MappingProps) {
  // What was opened for want of an answer stays open once the answer is given.
  const [shown, setShown] = useState(open);
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)} data-testid="import-mapping">
      <summary className="text-xs text-ink-2 hover:text-ink">What each column means</summary>
      <div className="mt-2 grid max-h-56 gap-x-3 gap-y-1.5 overflow-y-auto sm:grid-cols-2">
        {Object.entries(mapping).map(([column, meaning]) => (
          <label key={column} className="flex min-w-0 items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-xs" title={column}>
              {column}
            </span>
            <select
              className={cn(inputStyle, "h-8 w-36 shrink-0")}
              aria-label={`Meaning of ${column}`}
              value={meaning ?? ""}
              onChange={(event) => onMeaning(column, event.target.value || null)}
            >
              <option value="">not used</option>
              {meanings.map((name) => (
                <option key={name} value={name}>
                  {labelOf(name)}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </details>
  );
}

function FirstRows({ preview }: { preview: ImportPreview }) {
  return (
    <div className="max-h-48 overflow-auto rounded-md border">
      <table className="tnum w-full text-xs">
        <caption className="sr-only">The first rows</caption>
        <thead className="bg-raised text-2xs text-ink-2">
          <tr>
            {["Time (UTC)", "Action", "Symbol", "Quantity", "Price", "Fees"].map((label, at) => (
              <th key={label} scope="col" className={`px-2 py-1 font-medium ${at > 2 ? "text-end" : "text-start"}`}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.first_rows.map((row, index) => (
            <tr key={index} className="border-t">
              <td className="whitespace-nowrap px-2 py-1">{formatUtc(row.ts)}</td>
              <td className="px-2 py-1">{row.action}</td>
              <td className="max-w-32 truncate px-2 py-1">{row.symbol}</td>
              <td className="px-2 py-1 text-end">{formatPrice(row.quantity)}</td>
              <td className="px-2 py-1 text-end">{formatPrice(row.price)}</td>
              <td className="px-2 py-1 text-end">{formatPrice(row.fees)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
