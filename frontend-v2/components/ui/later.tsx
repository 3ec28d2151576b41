import { useEffect, useRef, useState, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { whenNear } from "@/lib/when-near";

const EACH_MS = 150;
const FIRST_MS = 600;

export interface LaterProps {
  /** Which of the parts below one another it is: they are drawn one by one, none in the task of another. */
  order: number;
  /** The height that is held for it. */
  className?: string;
  children: ReactNode;
}

/**
 * A part below the fold: drawn when it comes near the window, or in its turn once the page has nothing else to do, so
 * that a search in the page finds it and printing shows it.
 */
export function Later({ order, className, children }: LaterProps) {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    if (drawn || !place.current) return;
    const draw = (): void => setDrawn(true);
    const off = whenNear(place.current, draw);
    let idle = 0;
    const timer = setTimeout(
      () => {
        // Safari has no idle callbacks: there its turn alone counts.
        if ("requestIdleCallback" in window) idle = window.requestIdleCallback(draw, { timeout: 2_000 });
        else draw();
      },
      FIRST_MS + order * EACH_MS,
    );
    return () => {
      off();
      clearTimeout(timer);
      if (idle) window.cancelIdleCallback(idle);
    };
  }, [drawn, order]);
  // What is far from the window is laid out when one gets there, and is found and read out all the same.
  if (drawn)
    return <div className="space-y-6 [contain-intrinsic-size:auto_24rem] [content-visibility:auto]">{children}</div>;
  return <div ref={place} aria-hidden className={cn("w-full", className)} />;
}
