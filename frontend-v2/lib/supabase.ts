import type { AuthChangeEvent, GoTrueClient, Session } from "@supabase/auth-js";
import type { AppConfig } from "./types";

export type { Session };

/** What the page asks of the auth client. */
export type AuthClient = Pick<
  GoTrueClient,
  | "getSession"
  | "onAuthStateChange"
  | "refreshSession"
  | "signInWithPassword"
  | "signOut"
  | "signUp"
  | "stopAutoRefresh"
  | "updateUser"
>;

const STORAGE_KEY = "rundown-session";
/** The client itself takes a token that runs out sooner for run out. */
const MARGIN_MS = 90_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Embedded mode serves sign-in on the page's own origin, under whatever host name the reader typed. */
export function authUrl(config: AppConfig, origin: string): string {
  const base = config.mode === "embedded" ? origin : config.supabase_url.replace(/\/+$/, "");
  return `${base}/auth/v1`;
}

/** The session as the client keeps it, if it is still good for a while; null otherwise. */
export function storedSession(now = Date.now()): { session: Session | null; msLeft: number } {
  try {
    const session = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null") as Session | null;
    const msLeft = (session?.expires_at ?? 0) * 1000 - now - MARGIN_MS;
    const whole = session !== null && typeof session.access_token === "string" && Boolean(session.user?.id);
    return whole ? { session, msLeft } : { session: null, msLeft: 0 };
  } catch {
    return { session: null, msLeft: 0 };
  }
}

/** Whether anything is stored that only the client can judge. */
const hasStored = (): boolean => {
  try {
    return localStorage.getItem(STORAGE_KEY) !== null;
  } catch {
    return true;
  }
};

async function loadClient(config: AppConfig, origin: string): Promise<GoTrueClient> {
  const { AuthClient } = await import("@supabase/auth-js");
  const key = config.supabase_anon_key;
  return new AuthClient({
    url: authUrl(config, origin),
    headers: key ? { apikey: key } : {},
    storageKey: STORAGE_KEY,
    autoRefreshToken: true,
    persistSession: true,
    detectSessionInUrl: false,
  });
}

/**
 * The unmodified Supabase auth client, loaded when there is something for it to do: to sign in or out, or to renew a
 * token. While the stored one is good the page reads it itself, and a visit costs none of the client's weight.
 */
export function createAuthClient(config: AppConfig, origin: string): AuthClient {
  type Listener = (event: AuthChangeEvent, session: Session | null) => void | Promise<void>;
  const listeners = new Map<Listener, (() => void) | null>();
  let loading: Promise<GoTrueClient> | null = null;
  let loaded: GoTrueClient | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const attach = (client: GoTrueClient, listener: Listener): void => {
    const { data } = client.onAuthStateChange(listener);
    listeners.set(listener, () => data.subscription.unsubscribe());
  };
  const forget = (): void => {
    clearTimeout(timer);
    window.removeEventListener("storage", heard);
  };
  const load = (): Promise<GoTrueClient> => {
    loading ??= loadClient(config, origin).then(
      (client) => {
        forget();
        loaded = client;
        for (const listener of listeners.keys()) attach(client, listener);
        if (stopped) void client.stopAutoRefresh();
        return client;
      },
      (error: unknown) => {
        // The line may be back at the next try.
        loading = null;
        throw error;
      },
    );
    return loading;
  };
  /** Another tab signed out or in. */
  const heard = (event: StorageEvent): void => {
    if (event.key !== STORAGE_KEY) return;
    const { session } = storedSession();
    for (const listener of listeners.keys()) void listener(session ? "TOKEN_REFRESHED" : "SIGNED_OUT", session);
  };
  const { session, msLeft } = storedSession();
  if (session && msLeft > 0) timer = setTimeout(() => void load(), Math.min(msLeft, LONGEST_TIMER_MS));
  window.addEventListener("storage", heard);

  return {
    getSession: async () => {
      const now = storedSession();
      if (!loading && now.session && now.msLeft > 0) return { data: { session: now.session }, error: null };
      if (!loading && !hasStored()) return { data: { session: null }, error: null };
      return (await load()).getSession();
    },
    onAuthStateChange: (listener: Listener) => {
      listeners.set(listener, null);
      if (loaded) attach(loaded, listener);
      const unsubscribe = (): void => {
        listeners.get(listener)?.();
        listeners.delete(listener);
      };
      return { data: { subscription: { id: crypto.randomUUID?.() ?? "", callback: listener, unsubscribe } } };
    },
    refreshSession: async (...args) => (await load()).refreshSession(...args),
    signInWithPassword: async (...args) => (await load()).signInWithPassword(...args),
    signUp: async (...args) => (await load()).signUp(...args),
    signOut: async (...args) => (await load()).signOut(...args),
    updateUser: async (...args) => (await load()).updateUser(...args),
    stopAutoRefresh: async () => {
      stopped = true;
      forget();
      await loaded?.stopAutoRefresh();
    },
  };
}
