"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { createApi, loadConfig, type Api } from "@/lib/api";
import { createAuthClient, type AuthClient, type Session } from "@/lib/supabase";
import type { AppConfig } from "@/lib/types";

export type AuthState =
  | { status: "loading" }
  | { status: "unreachable"; error: unknown }
  | { status: "signed-out"; expired: boolean }
  | { status: "signed-in"; email: string; userId: string };

export interface Auth {
  state: AuthState;
  config: AppConfig | null;
  signIn: (email: string, password: string) => Promise<void>;
  /** True when an e-mail must be confirmed before the first sign-in. */
  signUp: (email: string, password: string) => Promise<boolean>;
  signOut: () => Promise<void>;
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

function stateOf(session: Session | null, expired: boolean): AuthState {
  return session
    ? { status: "signed-in", email: session.user.email ?? "", userId: session.user.id }
    : { status: "signed-out", expired };
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
      const auth = await createAuthClient(loaded, window.location.origin);
      if (gone) return void auth.stopAutoRefresh();
      const { data } = await auth.getSession();
      const listener = auth.onAuthStateChange((event, session) => {
        if (event === "INITIAL_SESSION" || gone) return;
        setState(stateOf(session, event === "SIGNED_OUT" && !leaving.current));
      });
      release = () => {
        listener.data.subscription.unsubscribe();
        void auth.stopAutoRefresh();
      };
      if (gone) return release();
      setConfig(loaded);
      setClient(auth);
      setState(stateOf(data.session, false));
    };
    start().catch((error: unknown) => {
      if (!gone) setState({ status: "unreachable", error });
    });
    return () => {
      gone = true;
      release();
    };
  }, [attempt]);

  const signedOut = state.status === "signed-out";
  useEffect(() => {
    if (signedOut) queries.clear();
  }, [signedOut, queries]);

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
    await client?.signOut({ scope: "local" });
    setState({ status: "signed-out", expired: false });
  }, [client]);

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
        onExpired: () => setState({ status: "signed-out", expired: true }),
      }),
    [client],
  );

  const value = useMemo<Auth>(
    () => ({ state, config, signIn, signUp, signOut, reload }),
    [state, config, signIn, signUp, signOut, reload],
  );
  return (
    <AuthContext.Provider value={value}>
      <ApiProvider api={api}>{children}</ApiProvider>
    </AuthContext.Provider>
  );
}
