import type { GoTrueClient, Session } from "@supabase/auth-js";
import type { AppConfig } from "./types";

export type AuthClient = GoTrueClient;
export type { Session };

/** Embedded mode serves sign-in on the page's own origin, under whatever host name the reader typed. */
export function authUrl(config: AppConfig, origin: string): string {
  const base = config.mode === "embedded" ? origin : config.supabase_url.replace(/\/+$/, "");
  return `${base}/auth/v1`;
}

/** The unmodified Supabase auth client; loaded on its own, since only sign-in needs it. */
export async function createAuthClient(config: AppConfig, origin: string): Promise<AuthClient> {
  const { AuthClient } = await import("@supabase/auth-js");
  const key = config.supabase_anon_key;
  return new AuthClient({
    url: authUrl(config, origin),
    headers: key ? { apikey: key } : {},
    storageKey: "rundown-session",
    autoRefreshToken: true,
    persistSession: true,
    detectSessionInUrl: false,
  });
}
