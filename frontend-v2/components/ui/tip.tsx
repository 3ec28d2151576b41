import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

export const tipStyle =
  "z-[70] max-w-72 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-start text-xs leading-relaxed font-normal text-ink normal-case shadow-xl";

const SHOW_MS = 200;
/** Long enough to move onto the tip: it may be read with a magnifier. */
const HIDE_MS = 120;
const GAP = 6;
const EDGE = 8;

/** Above what it belongs to, or below where there is no room; never beyond the window's edges. */
export function placeTip(
  target: Pick<DOMRect, "left" | "top" | "bottom" | "width">,
  tip: { width: number; height: number },
  windowWidth: number,
): { left: number; top: number } {
  const above = target.top - GAP - tip.height;
  const middle = target.left + target.width / 2 - tip.width / 2;
  return {
    left: Math.max(EDGE, Math.min(middle, windowWidth - EDGE - tip.width)),
    top: above >= EDGE ? above : target.bottom + GAP,
  };
}

/**
 * A tooltip on hover and on focus; Escape hides it. Of our own, since a positioning library would be the largest part of
 * the chat's first load. The trigger must be focusable. With `tap` a tap shows it too: for a trigger that does nothing else.
 */
export function Tip({ text, tap = false, children }: { text: ReactNode; tap?: boolean; children: ReactNode }) {
  const id = useId();
  const around = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [open, setOpen] = useState(false);
  const later = useCallback((next: boolean, ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), ms);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  useLayoutEffect(() => {
    const target = around.current?.firstElementChild;
    if (!open || !target || !bubble.current) return;
    const { left, top } = placeTip(
      target.getBoundingClientRect(),
      bubble.current.getBoundingClientRect(),
      window.innerWidth,
    );
    bubble.current.style.left = `${left}px`;
    bubble.current.style.top = `${top}px`;
    target.setAttribute("aria-describedby", id);
    const hide = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || event.key === "Escape") setOpen(false);
    };
    document.addEventListener("keydown", hide);
    document.addEventListener("scroll", hide, true);
    return () => {
      target.removeAttribute("aria-describedby");
      document.removeEventListener("keydown", hide);
      document.removeEventListener("scroll", hide, true);
    };
  }, [open, id]);

  return (
    <span
      ref={around}
      className="contents"
      onPointerEnter={(event) => {
        if (event.pointerType !== "touch") later(true, SHOW_MS);
      }}
      onPointerLeave={() => later(false, HIDE_MS)}
      onPointerDown={() => later(false, 0)}
      onClick={() => {
        if (tap) later(true, 0);
      }}
      onFocus={(event) => {
        if (event.target.matches(":focus-visible")) later(true, 0);
      }}
      onBlur={() => later(false, 0)}
    >
      {children}
      {open
        ? createPortal(
            <div ref={bubble} id={id} role="tooltip" className={`fixed ${tipStyle}`}>
              {text}
            </div>,
            document.body,
          )
        : null}
    </span>
  );
}
