import { useCallback, useState, type UIEvent } from "react";

const AROUND = 12;

export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
  /** Heights that stand in for the rows left out, in px. */
  above: number;
  below: number;
  onScroll: (event: UIEvent<HTMLElement>) => void;
}

/** Which rows of a long table are worth having in the document: those in sight and some around. All rows are as high. */
export function useRowWindow(count: number, rowHeight: number, viewHeight: number): RowWindow {
  const [top, setTop] = useState(0);
  const onScroll = useCallback(
    (event: UIEvent<HTMLElement>) => {
      // Whole steps, so that scrolling by a pixel draws nothing anew.
      setTop(Math.floor(event.currentTarget.scrollTop / (rowHeight * AROUND)) * rowHeight * AROUND);
    },
    [rowHeight],
  );
  const first = Math.min(Math.max(Math.floor(top / rowHeight) - AROUND, 0), Math.max(count - 1, 0));
  const end = Math.min(Math.ceil((top + viewHeight) / rowHeight) + AROUND * 2, count);
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight, onScroll };
}
