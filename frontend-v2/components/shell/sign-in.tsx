import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Spinner } from "@/components/ui/spinner";
import { messageOf } from "@/lib/failures";
import { useAuth } from "./auth-provider";
import { Logo } from "./logo";

const POINTS = [
  "Every figure traced to the trades behind it",
  "Rules replayed on your own run before you see them",
  "Your model, your key — or none at all",
];

/** What the embedded sign-in asks for, and Supabase unless told otherwise. */
const SHORTEST_PASSWORD = 6;

/** An address or a password that is not right, as Supabase Auth calls it. */
const refused = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "invalid_credentials";

const CONFIRM = "Almost there: confirm the address in the e-mail we sent, then sign in.";
/** Embedded sign-in sends no mail: without a session there was an account before. */
const NOT_MADE = "No new account was made for this address. If it is yours, sign in with its password.";

export interface SignInProps {
  /** Whose session has ended. */
  email?: string;
  /** Leaves for good instead of signing in again. */
  onLeave?: () => void;
}

export function SignIn({ email: known = "", onLeave }: SignInProps) {
  const { state, config, signIn, signUp } = useAuth();
  const [mode, setMode] = useState<"in" | "up">("in");
  const [shown, setShown] = useState(false);
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState<{ text: string; bad: boolean } | null>(null);

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setNote(null);
    try {
      await action();
    } catch (error) {
      setNote({ text: refused(error) ? "The e-mail address or the password is wrong." : messageOf(error), bad: true });
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      if (mode === "in") return signIn(email.trim(), password);
      if (await signUp(email.trim(), password)) {
        setMode("in");
        setNote({ text: config?.mode === "embedded" ? NOT_MADE : CONFIRM, bad: false });
      }
    });
  };
  const expired = state.status !== "loading" && state.status !== "unreachable" && state.expired;
  const demo = config?.demo;

  return (
    <main className="grid h-dvh place-items-center overflow-y-auto p-4">
      <div className="w-full max-w-sm space-y-5 py-6">
        <div className="space-y-3">
          <Logo />
          <h1 className="text-xl font-semibold tracking-tight text-balance">Ask your run why it lost money.</h1>
          <ul className="space-y-1 text-[13px] text-ink-2">
            {POINTS.map((point) => (
              <li key={point} className="flex gap-2">
                <span aria-hidden className="text-gain">
                  ✓
                </span>
                {point}
              </li>
            ))}
          </ul>
        </div>
        {expired ? (
          <p role="status" className="rounded-md border border-warn/40 bg-warn/8 px-3 py-2 text-[13px]">
            Your session has ended. Sign in to return to where you were: nothing you typed is lost.
          </p>
        ) : null}
        {demo ? (
          <div className="space-y-4">
            <Button
              variant="primary"
              size="lg"
              className="w-full"
              data-testid="demo-button"
              disabled={busy}
              onClick={() => void attempt(() => signIn(demo.email, demo.password))}
            >
              {busy ? <Spinner className="text-white" /> : null} Use the demo account
            </Button>
            <div className="flex items-center gap-3 text-xs text-ink-3">
              <span className="h-px flex-1 bg-line" /> or <span className="h-px flex-1 bg-line" />
            </div>
          </div>
        ) : null}
        <form onSubmit={submit} className="space-y-3 rounded-lg border bg-panel p-4">
          <h2 className="text-[13px] font-semibold">{mode === "in" ? "Sign in" : "Create an account"}</h2>
          <Field label="E-mail">
            {(ids) => (
              <Input
                {...ids}
                data-testid="sign-in-email"
                type="email"
                autoComplete="email"
                required
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label="Password" hint={mode === "up" ? `At least ${SHORTEST_PASSWORD} characters.` : undefined}>
            {(ids) => (
              <Input
                {...ids}
                data-testid="sign-in-password"
                type={shown ? "text" : "password"}
                autoComplete={mode === "in" ? "current-password" : "new-password"}
                required
                minLength={mode === "up" ? SHORTEST_PASSWORD : undefined}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          <label className="flex w-fit items-center gap-1.5 text-xs text-ink-2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={shown}
              onChange={(event) => setShown(event.target.checked)}
            />
            Show the password
          </label>
          {note ? (
            <p role={note.bad ? "alert" : "status"} className={note.bad ? "text-xs text-loss" : "text-xs text-gain"}>
              {note.text}
            </p>
          ) : null}
          <Button
            type="submit"
            variant={demo ? "secondary" : "primary"}
            size="lg"
            className="w-full"
            data-testid="sign-in-submit"
            disabled={busy}
          >
            {busy ? <Spinner /> : null} {mode === "in" ? "Sign in" : "Sign up"}
          </Button>
          {config?.signup === false ? null : (
            <button
              type="button"
              data-testid="sign-in-switch"
              className="text-xs text-accent-ink hover:underline"
              onClick={() => {
                setMode(mode === "in" ? "up" : "in");
                setNote(null);
              }}
            >
              {mode === "in" ? "No account yet? Sign up" : "Have an account? Sign in"}
            </button>
          )}
        </form>
        {onLeave ? (
          <Button variant="ghost" size="sm" data-testid="leave" onClick={onLeave}>
            Sign out and leave what I was doing
          </Button>
        ) : null}
      </div>
    </main>
  );
}
