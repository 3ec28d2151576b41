import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { CopyButton } from "@/components/chat/copy-button";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input, inputStyle } from "@/components/ui/input";
import { ProblemNote } from "@/components/ui/problem-note";
import { Time } from "@/components/ui/time";
import type { ChatSession, ChatShare } from "@/lib/types";

const LASTS = [
  { days: 1, label: "1 day" },
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
  { days: 365, label: "1 year" },
];

function stateOf(share: ChatShare, now: number): "open" | "expired" | "revoked" {
  if (share.revoked_at) return "revoked";
  return Date.parse(share.expires_at) <= now ? "expired" : "open";
}

function ShareItem({ share, onRevoke }: { share: ChatShare; onRevoke: () => Promise<void> }) {
  const [now] = useState(() => Date.now());
  const [busy, setBusy] = useState(false);
  const state = stateOf(share, now);
  return (
    <li data-testid="share-item" data-state={state} className="flex items-center gap-2 px-3 py-2 text-[13px]">
      <div className="min-w-0 flex-1">
        <p>
          {state === "open" ? (
            <>
              Open until <Time iso={share.expires_at} />
            </>
          ) : state === "revoked" ? (
            "Revoked"
          ) : (
            <>
              Expired <Time iso={share.expires_at} />
            </>
          )}
        </p>
        <p className="text-2xs text-ink-3">
          Made <Time iso={share.created_at} />
        </p>
      </div>
      {state === "open" ? (
        <Button
          size="sm"
          data-testid="share-revoke"
          disabled={busy}
          onClick={() => {
            setBusy(true);
            void onRevoke().finally(() => setBusy(false));
          }}
        >
          Revoke
        </Button>
      ) : null}
    </li>
  );
}

/** Makes read-only links to a conversation, lists them, ends them. */
export function ShareDialog({ session, onClose }: { session: ChatSession; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const key = ["shares", session.id];
  const shares = useQuery({ queryKey: key, queryFn: () => api.shares.list(session.id), staleTime: 0 });
  const [days, setDays] = useState(30);
  const [link, setLink] = useState<{ id: number; url: string } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(error);
    }
    await queries.invalidateQueries({ queryKey: key });
  };
  const create = () =>
    attempt(async () => {
      const made = await api.shares.create(session.id, days);
      setLink({ id: made.id, url: `${window.location.origin}${made.path}` });
    });
  const revoke = (share: ChatShare) =>
    attempt(async () => {
      await api.shares.revoke(share.id);
      if (link?.id === share.id) setLink(null);
    });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Share this conversation"
      description="Whoever has the link can read this conversation and the run’s name, without an account, with what is added to it later. Trades, keys and everything else stay yours."
      testId="share-dialog"
    >
      <div className="space-y-4">
        <div className="flex items-end gap-2">
          <div className="flex-1">
            <Field label="The link works for">
              {(ids) => (
                <select
                  {...ids}
                  data-testid="share-days"
                  className={`${inputStyle} h-9`}
                  value={days}
                  onChange={(event) => setDays(Number(event.target.value))}
                >
                  {LASTS.map(({ days: value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          <Button variant="primary" className="h-9" data-testid="share-create" onClick={() => void create()}>
            <Link2 aria-hidden /> Make a link
          </Button>
        </div>
        {link ? (
          <div className="space-y-1.5 rounded-md border border-gain/40 bg-gain/8 p-3">
            <div className="flex items-center gap-1.5">
              <Input
                readOnly
                aria-label="Link"
                data-testid="share-link"
                className="font-mono text-xs"
                value={link.url}
                onFocus={(event) => event.target.select()}
              />
              <CopyButton text={() => link.url} />
            </div>
            <p role="status" className="text-xs text-ink-2">
              Copy it now: it is not kept, and can&apos;t be shown again.
            </p>
          </div>
        ) : null}
        {problem ? <ProblemNote error={problem} /> : null}
        {shares.error ? <ProblemNote error={shares.error} onRetry={() => void shares.refetch()} /> : null}
        <section aria-label="Links" className="space-y-1.5">
          <h3 className="text-xs font-medium text-ink-2">Links to this conversation</h3>
          {shares.data?.length ? (
            <ul className="divide-y rounded-md border">
              {shares.data.map((share) => (
                <ShareItem key={share.id} share={share} onRevoke={() => revoke(share)} />
              ))}
            </ul>
          ) : (
            <p className="text-xs text-ink-3">{shares.isPending ? "Loading" : "None yet."}</p>
          )}
        </section>
      </div>
    </Dialog>
  );
}
