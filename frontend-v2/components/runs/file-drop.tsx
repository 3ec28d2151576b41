import { FileUp } from "lucide-react";
import { useState, type DragEvent } from "react";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/format";

export interface FileDropProps {
  file: File | null;
  onFile: (file: File | null) => void;
}

const sizeText = (bytes: number): string =>
  bytes < 1e3
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${formatNumber(bytes / 1e3, 1)} kB`
      : `${formatNumber(bytes / 1e6, 1)} MB`;

/** A file by choosing or by dropping. */
export function FileDrop({ file, onFile }: FileDropProps) {
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent, inside: boolean): void => {
    event.preventDefault();
    setOver(inside);
  };
  return (
    <label
      className={cn(
        "flex cursor-pointer items-center gap-1.5 rounded-md border border-dashed px-4 focus-within:border-accent-ink hover:border-accent-ink",
        file ? "gap-2.5 py-3" : "flex-col py-7 text-center",
        over ? "border-accent-ink bg-accent/10" : "border-line-strong bg-canvas",
      )}
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => drag(event, false)}
      onDrop={(event) => {
        drag(event, false);
        onFile(event.dataTransfer.files[0] ?? null);
      }}
    >
      <FileUp className="size-5 shrink-0 text-ink-3" aria-hidden />
      <span className={cn("max-w-full truncate text-[13px] font-medium", file && "min-w-0 flex-1")}>
        {file ? file.name : "Drop a file here, or choose one"}
      </span>
      <span className="text-xs text-ink-3">
        {file ? sizeText(file.size) : "CSV, JSON, JSONL, ZIP, Parquet, HTML; at most 64 MB"}
      </span>
      <input
        type="file"
        data-testid="import-file"
        aria-label="Run file"
        className="sr-only"
        onChange={(event) => onFile(event.target.files?.[0] ?? null)}
      />
    </label>
  );
}
