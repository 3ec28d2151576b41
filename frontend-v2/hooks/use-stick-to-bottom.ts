import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** How near the end still counts as reading the end, in pixels. */
const NEAR = 48;
/** How a reader takes over. */
const MOVES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

export interface StickToBottom {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The reader has scrolled up; new text no longer moves the page. */
  away: boolean;
  toEnd: () => void;
  /** Shows a part from its start, and keeps it there while what is above it grows, until the reader moves. */
  toPart: (part: HTMLElement) => void;
}

/** Follows growing content until the reader scrolls up, and again once they return to the end. */
export function useStickToBottom(): StickToBottom {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
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
    const onScroll = (): void => {
      const rest = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
      // Only a move upwards is the reader leaving; content that grew under them is not.
      if (rest <= NEAR) following.current = kept.current === null;
      else if (scroller.scrollTop < last - 2) following.current = false;
      last = scroller.scrollTop;
      setAway(!following.current && rest > NEAR);
    };
    const moved = (): void => {
      kept.current = null;
    };
    const observer = new ResizeObserver(() => {
      if (kept.current) kept.current.scrollIntoView({ block: "start" });
      else if (following.current) scroller.scrollTop = scroller.scrollHeight;
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
