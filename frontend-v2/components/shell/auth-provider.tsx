import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from "react";
import { createApi, loadConfig, type Api } from "@/lib/api";
import { createAuthClient, type AuthClient, type Session } from "@/lib/supabase";
import type { AppConfig } from "@/lib/types";

export type AuthState =
  | { status: "loading" }
  | { status: "unreachable"; error: unknown }
  | { status: "signed-out"; expired: boolean }
  /** `expired`: the session is over, but what the reader was doing stays until they sign in again. */
  | { status: "signed-in"; email: string; userId: string; expired: boolean };

export interface Auth {
  state: AuthState;
  config: AppConfig | null;
  signIn: (email: string, password: string) => Promise<void>;
  /** True when an e-mail must be confirmed before the first sign-in. */
  signUp: (email: string, password: string) => Promise<boolean>;
  signOut: () => Promise<void>;
  /** Ends every other session of the account too. */
  changePassword: (current: string, next: string) => Promise<void>;
  reload: () => void;
}

const AuthContext = createContext<Auth | null>(null);
const ApiContext = createContext<Api | null>(null);

export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an AuthProvider above it");
  return auth;
}

/** Whose browser storage is whose; empty where nobody is signed in. */
export function useUserId(): string {
  const state = useContext(AuthContext)?.state;
  return state?.status === "signed-in" ? state.userId : "";
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error("useApi needs an AuthProvider above it");
  return api;
}

export function ApiProvider({ api, children }: { api: Api; children: ReactNode }) {
  return <ApiContext.Provider value={api}>{children}</ApiContext.Provider>;
}

function ready(client: AuthClient | null): AuthClient {
  if (!client) throw new Error("Sign-in is still loading. Try again in a moment.");
  return client;
}

function stateOf(session: Session | null): AuthState {
  return session
    ? { status: "signed-in", email: session.user.email ?? "", userId: session.user.id, expired: false }
    : { status: "signed-out", expired: false };
}

/** A session that ended by itself: who was signed in keeps the page, behind the sign-in. */
const expire = (before: AuthState): AuthState =>
  before.status === "signed-in" ? { ...before, expired: true } : { status: "signed-out", expired: true };

const LEFT_KEY = "rundown-left";
const LEFT_JUST_NOW_MS = 10_000;

/** Signing out in one tab means all of them: the others must not take it for a session that ended by itself. */
function noteLeaving(): void {
  try {
    localStorage.setItem(LEFT_KEY, String(Date.now()));
  } catch {
    // Without storage there is no session to share between tabs either.
  }
}

function hasJustLeft(): boolean {
  try {
    return Date.now() - Number(localStorage.getItem(LEFT_KEY)) < LEFT_JUST_NOW_MS;
  } catch {
    return false;
  }
}

/** Who comes next begins on the dashboard: the run in the address was the other's. */
function toFirstView(): void {
  window.history.replaceState(null, "", window.location.pathname);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Keeps the session: restores it, refreshes it, notices its end, and gives the API its token. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<AuthState>({ status: "loading" });
  const [config, setConfig] = useState<AppConfig | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [client, setClient] = useState<AuthClient | null>(null);
  const leaving = useRef(false);

  useEffect(() => {
    let gone = false;
    let release = (): void => undefined;
    const start = async (): Promise<void> => {
      const loaded = await loadConfig();
      const auth = createAuthClient(loaded, window.location.origin);
      if (gone) return void auth.stopAutoRefresh();
      const { data } = await auth.getSession();
      let owner = data.session?.user.id ?? null;
      const listener = auth.onAuthStateChange((event, session) => {
        if (event === "INITIAL_SESSION" || gone) return;
        // Nothing of one reader is kept for another; it has to go before the other's page asks for anything.
        if (session && owner !== null && owner !== session.user.id) {
          queries.clear();
          toFirstView();
        }
        if (session) owner = session.user.id;
        if (session || leaving.current || hasJustLeft()) setState(stateOf(session));
        else if (event === "SIGNED_OUT") setState(expire);
      });
      release = () => {
        listener.data.subscription.unsubscribe();
        void auth.stopAutoRefresh();
      };
      if (gone) return release();
      // The whole page comes of it: drawn in short tasks.
      startTransition(() => {
        setConfig(loaded);
        setClient(auth);
        setState(stateOf(data.session));
      });
    };
    start().catch((error: unknown) => {
      if (!gone) setState({ status: "unreachable", error });
    });
    return () => {
      gone = true;
      release();
    };
  }, [attempt, queries]);

  const signedOut = state.status === "signed-out";
  const expired = state.status === "signed-in" && state.expired;
  const wasExpired = useRef(expired);
  useEffect(() => {
    if (signedOut) queries.clear();
  }, [signedOut, queries]);
  useEffect(() => {
    // One who comes back gets what failed meanwhile.
    if (wasExpired.current && !expired)
      void queries.refetchQueries({ predicate: (query) => query.state.status === "error" });
    wasExpired.current = expired;
  }, [expired, queries]);

  const signIn = useCallback(
    async (email: string, password: string) => {
      leaving.current = false;
      const { error } = await ready(client).signInWithPassword({ email, password });
      if (error) throw error;
    },
    [client],
  );

  const signUp = useCallback(
    async (email: string, password: string) => {
      leaving.current = false;
      const { data, error } = await ready(client).signUp({ email, password });
      if (error) throw error;
      return data.session === null;
    },
    [client],
  );

  const signOut = useCallback(async () => {
    leaving.current = true;
    noteLeaving();
    await client?.signOut({ scope: "local" });
    setState({ status: "signed-out", expired: false });
  }, [client]);

  const changePassword = useCallback(
    async (current: string, next: string) => {
      const { error } = await ready(client).updateUser({ password: next, current_password: current });
      if (error) throw error;
    },
    [client],
  );

  const reload = useCallback(() => {
    setState({ status: "loading" });
    setAttempt((count) => count + 1);
  }, []);

  const api = useMemo(
    () =>
      createApi({
        getToken: async (fresh) => {
          if (!client) return null;
          const { data } = fresh ? await client.refreshSession() : await client.getSession();
          return data.session?.access_token ?? null;
        },
        onExpired: () => setState(expire),
      }),
    [client],
  );

  const value = useMemo<Auth>(
    () => ({ state, config, signIn, signUp, signOut, changePassword, reload }),
    [state, config, signIn, signUp, signOut, changePassword, reload],
  );
  return (
    <AuthContext.Provider value={value}>
      <ApiProvider api={api}>{children}</ApiProvider>
    </AuthContext.Provider>
  );
}
