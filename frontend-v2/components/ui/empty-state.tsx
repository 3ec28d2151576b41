import type { ReactNode } from "react";

export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-md border border-dashed border-line-strong px-4 py-8 text-center">
      <p className="text-[13px] font-medium">{title}</p>
      {children ? <div className="max-w-96 text-xs text-balance text-ink-2">{children}</div> : null}
    </div>
  );
}
