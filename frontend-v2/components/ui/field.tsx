import { useId, type ReactNode } from "react";

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  children: (ids: { id: string; "aria-describedby": string | undefined }) => ReactNode;
}

/** A labelled control; the hint or the error is tied to it for screen readers. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="min-w-0 space-y-1">
      <label htmlFor={id} className="block text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({ id, "aria-describedby": note ? noteId : undefined })}
      {note ? (
        <p id={noteId} className={error ? "text-xs text-loss" : "text-xs text-ink-3"}>
          {note}
        </p>
      ) : null}
    </div>
  );
}
