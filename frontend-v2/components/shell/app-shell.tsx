import { memo, useCallback, useEffect, useState } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { DeletionsProvider, useDeletions } from "@/components/history/deletions";
import { useLibrary, type Library } from "@/hooks/use-library";
import { useShortcuts } from "@/hooks/use-shortcuts";
import { assertNever } from "@/lib/assert-never";
import { runOf, toPage } from "@/lib/view";
import { ActionsProvider } from "./actions-provider";
import { ConnectionBanner } from "./connection-banner";
import { fetchPage, LOAD_PAGE } from "./page-parts";
import { Logo } from "./logo";
import { MenuButton } from "./menu-button";
import { Sidebar } from "./sidebar";
import { useView } from "./view-provider";

function Loading({ text }: { text: string }) {
  return (
    <p role="status" className="grid h-full place-items-center text-[13px] text-ink-2">
      <span className="flex items-center gap-2">
        <Spinner /> {text}
      </span>
    </p>
  );
}

const Dashboard = onDemand(LOAD_PAGE.dashboard, () => <Loading text="Loading" />);
const UndoBar = onDemand(() => import("@/components/history/undo-bar").then((module) => module.UndoBar));
const Dialog = onDemand(() => import("@/components/ui/dialog").then((module) => module.Dialog));

/** With the markdown renderer it is the larger half of the page, and sign-in needs none of it. */
const RunView = onDemand(LOAD_PAGE.run, () => <Loading text="Loading the run" />);

function RunPage({ library }: { library: Library }) {
  const { view, go } = useView();
  const run = library.runs.find(({ id }) => id === runOf(view));
  if (run) return <RunView key={run.id} run={run} />;
  if (library.loading) return <Loading text="Loading the run" />;
  return (
    <div className="mx-auto max-w-md p-6">
      <ProblemNote
        error={library.error ?? new Error("This run does not exist, or it belongs to another account.")}
        onRetry={library.error ? library.refresh : () => go(toPage("dashboard"))}
        retry={library.error ? undefined : "Go to the dashboard"}
      />
    </div>
  );
}

function Main({ library }: { library: Library }) {
  const { page } = useView().view;
  switch (page) {
    case "dashboard":
      return <Dashboard library={library} />;
    case "run":
      return <RunPage library={library} />;
    default:
      return assertNever(page);
  }
}

/**
 * The place is there at all times, so that what comes to stand in it is announced. The panel of conversations has one
 * of its own: while that is open this one stays away.
 */
function Undo() {
  const { pending, problem } = useDeletions();
  return (
    <div
      role="status"
      className="pointer-events-none fixed [body:has([data-undo=panel])_&]:hidden inset-x-0 bottom-24 z-30 mx-auto w-[min(92vw,420px)]"
    >
      {pending.length || problem ? <UndoBar /> : null}
    </div>
  );
}

/** Sidebar and main column; on a narrow screen the sidebar is a drawer. */
export function AppShell() {
  const library = useLibrary();
  const { view } = useView();
  const [drawer, setDrawer] = useState(false);
  const openDrawer = useCallback(() => setDrawer(true), []);
  const onRun = view.page === "run";
  // A run's view need not wait for the run; from another page it is fetched while that is looked at.
  useEffect(() => {
    if (onRun || !library.loading) fetchPage("run");
  }, [onRun, library.loading]);
  return (
    <DeletionsProvider>
      <ActionsProvider onMenu={openDrawer}>
        <Frame library={library} drawer={drawer} onDrawer={setDrawer} />
      </ActionsProvider>
    </DeletionsProvider>
  );
}

interface FrameProps {
  library: Library;
  drawer: boolean;
  onDrawer: (open: boolean) => void;
}

const Frame = memo(function Frame({ library, drawer, onDrawer }: FrameProps) {
  const shown = runOf(useView().view);
  // A run has its menu in a bar of its own.
  const onRun = library.runs.some(({ id }) => id === shown);
  useShortcuts(library);
  return (
    <>
      <a
        href="#main"
        className="sr-only rounded-md bg-accent px-3 py-2 text-[13px] text-white focus:not-sr-only focus:absolute focus:start-2 focus:top-2 focus:z-50"
      >
        Skip to the content
      </a>
      <div className="flex h-dvh">
        <aside className="hidden w-62 shrink-0 2xl:w-72 border-e bg-panel md:block" aria-label="Strategies and runs">
          <Sidebar library={library} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          {onRun ? null : (
            <header className="flex h-12 shrink-0 items-center gap-2 border-b bg-panel px-2 md:hidden">
              <MenuButton />
              <Logo />
            </header>
          )}
          <ConnectionBanner />
          <main id="main" tabIndex={-1} className="min-h-0 flex-1 focus:outline-none">
            <Main library={library} />
          </main>
        </div>
      </div>
      <Undo />
      {drawer ? (
        <Dialog open onOpenChange={onDrawer} title="Strategies and runs" side="left" className="[&>div]:p-0">
          <Sidebar library={library} onNavigate={() => onDrawer(false)} bare />
        </Dialog>
      ) : null}
    </>
  );
});
