import { Keyboard, LayoutDashboard, MessagesSquare, Plus, Settings2, Upload, type LucideIcon } from "lucide-react";
import { RunItem } from "@/components/runs/run-item";
import { Button } from "@/components/ui/button";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { Tip } from "@/components/ui/tip";
import type { Library } from "@/hooks/use-library";
import { cn } from "@/lib/cn";
import { LINES, type LineName } from "@/lib/pages";
import type { TradingModel } from "@/lib/types";
import { toPage } from "@/lib/view";
import { AccountButton } from "./account-button";
import { useActions } from "@/hooks/use-actions";
import { Logo } from "./logo";
import { ThemeSwitch } from "./theme-switch";
import { useView } from "./view-provider";

interface SidebarProps {
  library: Library;
  onNavigate?: () => void;
  /** Inside the drawer, which has a heading of its own. */
  bare?: boolean;
}

function ModelGroup({ model, library, onNavigate }: { model: TradingModel } & Omit<SidebarProps, "bare">) {
  const { editModel, importRun } = useActions();
  const runs = library.runsOf(model.id);
  return (
    <section aria-label={model.name} className="pb-2">
      <div className="group flex items-center gap-1 px-2 pt-1.5 pb-0.5">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-xs font-semibold text-ink">{model.name}</h2>
          <p className="truncate font-mono text-2xs text-ink-3">{model.ai_model}</p>
        </div>
        <Tip text="Strategy settings">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={`Settings of ${model.name}`}
            data-testid="model-settings"
            data-model-id={model.id}
            onClick={() => {
              editModel(model.id);
              onNavigate?.();
            }}
          >
            <Settings2 aria-hidden />
          </Button>
        </Tip>
      </div>
      {runs.length ? (
        <ul>
          {runs.map((run) => (
            <li key={run.id}>
              <RunItem run={run} onNavigate={onNavigate} />
            </li>
          ))}
        </ul>
      ) : (
        <button
          type="button"
          className="px-2 py-1 text-xs text-ink-3 hover:text-ink"
          onClick={() => {
            importRun(model.id);
            onNavigate?.();
          }}
        >
          No runs yet — import one
        </button>
      )}
    </section>
  );
}

const RecentConversations = onDemand(() =>
  import("@/components/history/recent-conversations").then((module) => module.RecentConversations),
);

const ICONS: Record<LineName, LucideIcon> = { dashboard: LayoutDashboard };

function PageLine({ name, label, onNavigate }: { name: LineName; label: string; onNavigate?: () => void }) {
  const { view, go } = useView();
  const Icon = ICONS[name];
  const shown = view.page === name;
  return (
    <button
      type="button"
      data-testid={`${name}-link`}
      aria-current={shown ? "page" : undefined}
      className={cn(
        "flex h-8 w-full items-center gap-2 rounded-md px-2 text-[13px] hover:bg-hover",
        shown ? "bg-hover text-ink" : "text-ink-2",
      )}
      onClick={() => {
        go(toPage(name));
        onNavigate?.();
      }}
    >
      <Icon className="size-4" aria-hidden /> {label}
    </button>
  );
}

export function Sidebar({ library, onNavigate, bare }: SidebarProps) {
  const { createModel, importRun, showHistory, showKeys } = useActions();
  const empty = !library.loading && !library.error && library.models.length === 0;

  return (
    <nav className="flex h-full flex-col" aria-label="Main">
      {bare ? null : <Logo className="block px-4 pt-3.5 pb-2" />}
      <div className="space-y-0.5 p-2">
        {LINES.map(({ name, label }) => (
          <PageLine key={name} name={name} label={label} onNavigate={onNavigate} />
        ))}
        <button
          type="button"
          data-testid="conversations-link"
          className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-[13px] text-ink-2 hover:bg-hover"
          onClick={() => {
            showHistory(null);
            onNavigate?.();
          }}
        >
          <MessagesSquare className="size-4" aria-hidden /> Conversations
        </button>
        <div className="grid grid-cols-2 gap-1.5 pt-1">
          <Button
            size="sm"
            data-testid="import-button"
            onClick={() => {
              importRun();
              onNavigate?.();
            }}
          >
            <Upload aria-hidden /> Import run
          </Button>
          <Button
            size="sm"
            data-testid="new-model-button"
            onClick={() => {
              createModel();
              onNavigate?.();
            }}
          >
            <Plus aria-hidden /> New strategy
          </Button>
        </div>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto border-t px-2 py-1">
        {library.loading && !library.models.length ? (
          <div className="space-y-2 py-2" role="status" aria-label="Loading strategies and runs">
            <Skeleton className="h-8" />
            <Skeleton className="h-11" />
            <Skeleton className="h-11" />
          </div>
        ) : null}
        {library.error ? <ProblemNote error={library.error} onRetry={library.refresh} /> : null}
        {empty ? (
          <p className="px-2 py-3 text-xs text-ink-3">No strategies yet. Create one, then import a run.</p>
        ) : null}
        {library.models.map((model) => (
          <ModelGroup key={model.id} model={model} library={library} onNavigate={onNavigate} />
        ))}
      </div>
      {library.loading ? null : <RecentConversations onNavigate={onNavigate} />}
      <div className="flex items-center gap-1 border-t p-2">
        <AccountButton />
        <Tip text="Keyboard">
          <Button
            variant="ghost"
            size="icon"
            aria-label="Keyboard"
            data-testid="keys-button"
            onClick={() => {
              showKeys();
              onNavigate?.();
            }}
          >
            <Keyboard aria-hidden />
          </Button>
        </Tip>
        <ThemeSwitch />
      </div>
    </nav>
  );
}
