import { Button } from "@/components/ui/button";
import type { ImportedBefore } from "@/lib/types";

export interface AlreadyImportedProps {
  run: ImportedBefore;
  onOpen: () => void;
}

/** Says that the model has the file already, and where. */
export function AlreadyImported({ run, onOpen }: AlreadyImportedProps) {
  return (
    <div
      role="status"
      data-testid="import-already"
      className="flex items-center gap-3 rounded-md border border-warn/40 p-2.5 text-[13px]"
    >
      <p className="min-w-0 flex-1 break-words">
        This file is already imported as run #{run.run_number}, “{run.name}”.
      </p>
      <Button size="sm" onClick={onOpen}>
        Open it
      </Button>
    </div>
  );
}
