import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { cn } from "@/lib/cn";
import { formatAgo } from "@/lib/format";
import { toRun } from "@/lib/view";

const SHOWN = 5;

/** The conversations that the reader was in last, dated. */
export function RecentConversations({ onNavigate }: { onNavigate?: () => void }) {
  const api = useApi();
  const { view, go } = useView();
  const recent = useQuery({
    queryKey: ["sessions", "recent"],
    queryFn: () => api.chat.search("", null, null, SHOWN),
    select: ({ items }) => items.filter(({ run_id }) => run_id !== null),
  });
  if (!recent.data?.length) return null;
  return (
    <section aria-label="Recent conversations" data-testid="recent-conversations" className="border-t px-2 py-1.5">
      <h2 className="px-2 text-2xs text-ink-3">Recent conversations</h2>
      <ul>
        {recent.data.map((session) => (
          <li key={session.id}>
            <button
              type="button"
              title={`${session.session_title} (run #${session.run_number} ${session.run_name})`}
              aria-current={view.session === session.id ? "page" : undefined}
              className={cn(
                "flex h-6.5 w-full items-baseline gap-2 rounded px-2 pt-1 text-start text-xs hover:bg-hover",
                view.session === session.id ? "text-ink" : "text-ink-2",
              )}
              onClick={() => {
                go({ ...toRun(session.run_id), session: session.id });
                onNavigate?.();
              }}
            >
              <span className="min-w-0 flex-1 truncate" dir="auto">
                {session.session_title}
              </span>
              <span className="shrink-0 text-2xs text-ink-3">{formatAgo(session.updated_at)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
