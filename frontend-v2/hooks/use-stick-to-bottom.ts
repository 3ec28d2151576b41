"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** How near the end still counts as reading the end, in pixels. */
const NEAR = 48;

export interface StickToBottom {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The reader has scrolled up; new text no longer moves the page. */
  away: boolean;
  toEnd: () => void;
}

/** Follows growing content until the reader scrolls up, and again once they return to the end. */
export function useStickToBottom(): StickToBottom {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    following.current = true;
    setAway(false);
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, []);

  useEffect(() => {
    const scroller = box.current;
    const inner = content.current;
    if (!scroller || !inner) return;
    let last = scroller.scrollTop;
    const onScroll = (): void => {
      const rest = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
      // Only a move upwards is the reader leaving; content that grew under them is not.
      if (rest <= NEAR) following.current = true;
      else if (scroller.scrollTop < last - 2) following.current = false;
      last = scroller.scrollTop;
      setAway(!following.current);
    };
    const observer = new ResizeObserver(() => {
      if (following.current) scroller.scrollTop = scroller.scrollHeight;
    });
    scroller.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(inner);
    return () => {
      scroller.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, []);

  return { box, content, away, toEnd };
}
