import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

export const tipStyle =
  "z-[60] max-w-72 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-xs leading-relaxed text-ink shadow-xl";

/** A tooltip on hover and on focus. The trigger must be focusable. */
export function Tip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content sideOffset={6} collisionPadding={8} className={tipStyle}>
          {text}
          <Tooltip.Arrow className="fill-line-strong" />
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
