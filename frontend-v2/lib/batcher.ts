export interface Batcher<T> {
  push(item: T): void;
  /** Hands over at once what is queued. */
  flush(): void;
  /** Forgets what is queued. */
  clear(): void;
}

/** A hidden tab gets no animation frames; there a timer keeps the answer growing. */
const HIDDEN_DELAY_MS = 200;

/** Gathers items and hands them over once per animation frame, so that a burst of tokens costs one render. */
export function createBatcher<T>(commit: (items: T[]) => void): Batcher<T> {
  let queue: T[] = [];
  let cancel: (() => void) | null = null;

  const flush = (): void => {
    cancel?.();
    cancel = null;
    if (!queue.length) return;
    const items = queue;
    queue = [];
    commit(items);
  };
  const schedule = (): void => {
    if (document.hidden) {
      const timer = setTimeout(flush, HIDDEN_DELAY_MS);
      cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(flush);
      // A frame asked for just before the tab was hidden never comes.
      const timer = setTimeout(flush, HIDDEN_DELAY_MS);
      cancel = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
      };
    }
  };
  return {
    push(item) {
      queue.push(item);
      if (!cancel) schedule();
    },
    flush,
    clear() {
      cancel?.();
      cancel = null;
      queue = [];
    },
  };
}
