import { useSyncExternalStore } from "react";

/** `offline`: the machine has no network. `unreachable`: it has, but the server did not answer the last request. */
export type Connection = "online" | "offline" | "unreachable";

const listeners = new Set<() => void>();
let answered = true;

/** Told by each request whether the server answered it, whatever it said. */
export function reportAnswer(came: boolean): void {
  if (came === answered) return;
  answered = came;
  listeners.forEach((listener) => listener());
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    listeners.delete(changed);
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

export function connectionNow(): Connection {
  if (answered) return navigator.onLine ? "online" : "offline";
  return navigator.onLine ? "unreachable" : "offline";
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, connectionNow, () => "online");
