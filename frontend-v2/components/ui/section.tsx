import type { ReactNode } from "react";

export interface SectionProps {
  title: string;
  note?: string;
  /** Controls at the heading's end. */
  actions?: ReactNode;
  testId?: string;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, note, actions, testId, children }: SectionProps) {
  return (
    <section className="min-w-0 space-y-2" data-testid={testId}>
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 className="text-xs font-semibold text-ink-2">{title}</h2>
        {note ? <p className="min-w-0 text-2xs text-ink-3">{note}</p> : null}
        {actions ? <div className="ms-auto flex flex-wrap items-center gap-1">{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}
