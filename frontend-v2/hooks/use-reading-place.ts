import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** How near the end still counts as reading the end, in pixels. */
const NEAR = 48;
/** How a reader takes over. */
const MOVES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

export interface ReadingPlace {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** There is more below than is in sight, and the page does not follow it. */
  away: boolean;
  /** Shows the end, and follows it until the reader scrolls up. */
  toEnd: () => void;
  /** Shows a part from its first line, and keeps it there while what is above it grows, until the reader moves. */
  toPart: (part: HTMLElement) => void;
}

/** Where in growing content the reader is: at the first line of a part, or (when they choose so) at the end. */
export function useReadingPlace(): ReadingPlace {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(false);
  const kept = useRef<HTMLElement | null>(null);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    following.current = true;
    kept.current = null;
    setAway(false);
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, []);

  const toPart = useCallback((part: HTMLElement) => {
    following.current = false;
    kept.current = part;
    part.scrollIntoView({ block: "start" });
  }, []);

  useEffect(() => {
    const scroller = box.current;
    const inner = content.current;
    if (!scroller || !inner) return;
    let last = 0;
    const rest = (): number => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    const onScroll = (): void => {
      // Only a move of the reader counts; content that grew under them is none.
      if (scroller.scrollTop < last - 2 && rest() > NEAR) following.current = false;
      else if (scroller.scrollTop > last + 2 && rest() <= NEAR) following.current = kept.current === null;
      last = scroller.scrollTop;
      setAway(!following.current && rest() > NEAR);
    };
    const moved = (): void => {
      kept.current = null;
    };
    const observer = new ResizeObserver(() => {
      if (kept.current) kept.current.scrollIntoView({ block: "start" });
      else if (following.current) scroller.scrollTop = scroller.scrollHeight;
      setAway(!following.current && rest() > NEAR);
    });
    scroller.addEventListener("scroll", onScroll, { passive: true });
    for (const way of MOVES) scroller.addEventListener(way, moved, { passive: true });
    observer.observe(inner);
    return () => {
      scroller.removeEventListener("scroll", onScroll);
      for (const way of MOVES) scroller.removeEventListener(way, moved);
      observer.disconnect();
    };
  }, []);

  return { box, content, away, toEnd, toPart };
}
