// @vitest-environment jsdom

import { beforeEach, describe, expect, it, vi } from "vitest";
import { createAuthClient, storedSession, type Session } from "./supabase";
import type { AppConfig } from "./types";

const CONFIG = { mode: "embedded", supabase_url: "", supabase_anon_key: "", demo: null } as unknown as AppConfig;
const store = (secondsLeft: number) =>
  localStorage.setItem(
    "rundown-session",
    JSON.stringify({
      access_token: "kept",
      refresh_token: "r",
      token_type: "bearer",
      expires_in: secondsLeft,
      expires_at: Math.floor(Date.now() / 1000) + secondsLeft,
      user: { id: "u1", email: "a@example.com" },
    } satisfies Partial<Record<keyof Session, unknown>>),
  );

describe("createAuthClient", () => {
  beforeEach(() => {
    localStorage.clear();
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => new Response(JSON.stringify({ msg: "no", code: 400 }), { status: 400 })),
    );
  });

  it("a stored session that is good is read without the client and without asking anybody", async () => {
    store(3600);
    const auth = createAuthClient(CONFIG, "http://here");
    expect((await auth.getSession()).data.session?.access_token).toBe("kept");
    expect(fetch).not.toHaveBeenCalled();
    await auth.stopAutoRefresh();
  });

  it("one that is about to run out is the client's to renew", async () => {
    store(30);
    const auth = createAuthClient(CONFIG, "http://here");
    await auth.getSession();
    expect(vi.mocked(fetch).mock.calls[0]?.[0]).toContain("http://here/auth/v1/token?grant_type=refresh_token");
    await auth.stopAutoRefresh();
  });

  it("nobody signed in needs no client", async () => {
    const auth = createAuthClient(CONFIG, "http://here");
    expect((await auth.getSession()).data.session).toBeNull();
    expect(fetch).not.toHaveBeenCalled();
  });

  it("a sign-out in another tab is heard", async () => {
    store(3600);
    const auth = createAuthClient(CONFIG, "http://here");
    const heard: string[] = [];
    auth.onAuthStateChange((event) => void heard.push(event));
    localStorage.clear();
    window.dispatchEvent(new StorageEvent("storage", { key: "rundown-session" }));
    expect(heard).toEqual(["SIGNED_OUT"]);
  });

  it.each(["", "null", "{}", "[1]", "not json", '{"access_token":7}'])("%j in storage is no session", (text) => {
    localStorage.setItem("rundown-session", text);
    expect(storedSession().session).toBeNull();
  });
});
