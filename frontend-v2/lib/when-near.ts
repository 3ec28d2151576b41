/** So far beyond the window a part is drawn before one gets to it. */
const AHEAD = "400px";

/**
 * Calls `act` once, when the element comes near the window or the page is printed. What is returned calls it off.
 */
export function whenNear(element: Element, act: () => void): () => void {
  const off = (): void => {
    near.disconnect();
    window.removeEventListener("beforeprint", now);
  };
  const now = (): void => {
    off();
    act();
  };
  const near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && now(), {
    rootMargin: AHEAD,
  });
  near.observe(element);
  window.addEventListener("beforeprint", now);
  return off;
}
