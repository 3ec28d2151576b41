import { Columns3, Download, X } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Button } from "@/components/ui/button";
import { Input, inputStyle } from "@/components/ui/input";
import { Spinner } from "@/components/ui/spinner";
import { cn } from "@/lib/cn";
import { chipsOf } from "@/lib/filter-chips";
import type { TradeFilter } from "@/lib/trade-filter";
import type { TradeColumn } from "./trade-columns";

const CHOICES = [
  { name: "result", label: "Result", options: ["win", "loss", "breakeven"] },
  { name: "side", label: "Side", options: ["long", "short"] },
  { name: "status", label: "Status", options: ["closed", "open"] },
] as const;

export interface TradeFiltersProps {
  filter: TradeFilter;
  onFilter: (filter: TradeFilter) => void;
  search: string;
  onSearch: (text: string) => void;
  /** What a trade of this run can be shown by, and what of it is. */
  offered: readonly TradeColumn[];
  columns: readonly string[];
  onColumns: (columns: string[]) => void;
  exporting: boolean;
  onExport: () => void;
}

function ColumnMenu({ offered, columns, onColumns }: Pick<TradeFiltersProps, "offered" | "columns" | "onColumns">) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button size="sm" className="h-8" data-testid="columns-button">
          <Columns3 aria-hidden /> <span className="max-sm:sr-only">Columns</span>
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 max-h-[70vh] min-w-44 overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-xl"
        >
          {offered.map(({ key, label }) => (
            <DropdownMenu.CheckboxItem
              key={key}
              data-testid={`column-${key}`}
              checked={columns.includes(key)}
              // The menu stays open: one rarely changes a single column.
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={(on) => onColumns(on ? [...columns, key] : columns.filter((name) => name !== key))}
              className="flex h-7 cursor-default items-center gap-2 rounded px-2 text-[13px] outline-none select-none data-[highlighted]:bg-hover"
            >
              <span aria-hidden className="w-3 text-accent-ink">
                {columns.includes(key) ? "✓" : ""}
              </span>
              {label}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** What is looked for, what is shown of it, and the file of it. */
export function TradeFilters({
  filter,
  onFilter,
  search,
  onSearch,
  offered,
  columns,
  onColumns,
  exporting,
  onExport,
}: TradeFiltersProps) {
  const without = (names: readonly (keyof TradeFilter)[]): TradeFilter =>
    Object.fromEntries(Object.entries(filter).filter(([name]) => !names.includes(name as keyof TradeFilter)));
  const chips = chipsOf(filter);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-1.5">
        <Input
          type="search"
          className="h-8 min-w-0 flex-1 sm:w-64 sm:flex-none"
          aria-label="Search symbols, tags and references"
          placeholder="Search symbol, tag, reference"
          data-testid="trade-search"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
        {/* On a phone the conditions have a line of their own. */}
        <div className="flex gap-1.5 max-sm:order-last max-sm:w-full">
          {CHOICES.map(({ name, label, options }) => (
            <select
              key={name}
              aria-label={label}
              data-testid={`filter-${name}`}
              className={cn(inputStyle, "h-8 w-auto min-w-0 max-sm:flex-1", filter[name] && "border-accent-ink")}
              value={filter[name] ?? ""}
              onChange={(event) =>
                onFilter({ ...without([name]), ...(event.target.value ? { [name]: event.target.value } : {}) })
              }
            >
              <option value="">{label}: all</option>
              {options.map((option) => (
                <option key={option} value={option}>
                  {label}: {option}
                </option>
              ))}
            </select>
          ))}
        </div>
        <span className="flex-1 max-sm:hidden" />
        <ColumnMenu offered={offered} columns={columns} onColumns={onColumns} />
        <Button size="sm" className="h-8" data-testid="export-csv" disabled={exporting} onClick={onExport}>
          {exporting ? <Spinner /> : <Download aria-hidden />} CSV
        </Button>
      </div>
      {chips.length ? (
        <ul className="flex flex-wrap gap-1.5" aria-label="Conditions">
          {chips.map((chip) => (
            <li
              key={chip.text}
              className="flex items-center gap-1 rounded-md border border-accent/50 bg-accent/15 ps-2 text-xs text-accent-ink"
              data-testid="filter-chip"
            >
              {chip.text}
              <button
                type="button"
                aria-label={`Remove: ${chip.text}`}
                className="grid size-6 place-items-center rounded hover:bg-hover"
                onClick={() => onFilter(without(chip.names))}
              >
                <X className="size-3" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
