import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { changeView, FIRST_VIEW, sameConversation, searchFromView, viewFromSearch, type View } from "@/lib/view";

interface ViewState {
  view: View;
  /** Changes when another conversation is opened, and not when the open one gets its id by being saved. */
  conversation: number;
}

export interface ViewControl extends ViewState {
  go: (view: Partial<View>) => void;
  /** Records the id that a conversation now has; nothing, once another one is open. */
  adoptSession: (id: number, conversation: number) => void;
}

const ViewContext = createContext<ViewControl | null>(null);

export function useView(): ViewControl {
  const view = useContext(ViewContext);
  if (!view) throw new Error("useView needs a ViewProvider above it");
  return view;
}

/** The view and the address, kept the same. */
export function ViewProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<ViewState | null>(null);
  /** Known at once, and not when it is drawn: what hears late of an earlier conversation must not bring it back. */
  const open = useRef(0);

  useEffect(() => {
    const read = (): void => {
      open.current += 1;
      setState({ view: viewFromSearch(window.location.search), conversation: open.current });
    };
    read();
    window.addEventListener("popstate", read);
    return () => window.removeEventListener("popstate", read);
  }, []);

  const go = useCallback((change: Partial<View>) => {
    const current = viewFromSearch(window.location.search);
    const view = changeView(current, change);
    window.history.pushState(null, "", `${window.location.pathname}${searchFromView(view)}`);
    if (!sameConversation(current, view)) open.current += 1;
    setState({ view, conversation: open.current });
  }, []);

  const adoptSession = useCallback((id: number, conversation: number) => {
    if (conversation !== open.current) return;
    const view = changeView(viewFromSearch(window.location.search), { session: id });
    if (view.subject === null) return;
    window.history.replaceState(null, "", `${window.location.pathname}${searchFromView(view)}`);
    setState({ view, conversation });
  }, []);

  const value = useMemo<ViewControl>(
    () => ({ view: state?.view ?? FIRST_VIEW, conversation: state?.conversation ?? 0, go, adoptSession }),
    [state, go, adoptSession],
  );
  // The address is known in the browser only: the exported page shows nothing that it could contradict.
  return <ViewContext.Provider value={value}>{state ? children : null}</ViewContext.Provider>;
}
