import { Tooltip } from "radix-ui";
import { useState, type ReactNode } from "react";
import { tipStyle } from "./tip";

/** A tip that also opens on tap, for what a finger has to reach. The trigger must be a button. */
export function TapTip({ text, children }: { text: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Tooltip.Root open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger
        asChild
        onClick={(event) => {
          // The library closes its tips on a click; a tap has no other way to open one.
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content sideOffset={6} collisionPadding={8} className={tipStyle}>
          {text}
          <Tooltip.Arrow className="fill-line-strong" />
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
