import { useSyncExternalStore } from "react";

/** From so many pixels on there is more room than on a phone. */
export const ROOMY = 640;

/** Whether the window is at least so many pixels wide; false where there is no window. */
export function useWide(pixels: number): boolean {
  const query = `(min-width: ${pixels}px)`;
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia?.(query);
      list?.addEventListener("change", changed);
      return () => list?.removeEventListener("change", changed);
    },
    () => window.matchMedia?.(query).matches ?? false,
    () => false,
  );
}
