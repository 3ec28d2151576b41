import { Component, useEffect, type ReactNode } from "react";
import { Logo } from "@/components/shell/logo";
import { Button } from "@/components/ui/button";

const again = (): void => window.location.reload();

/** In place of a page that broke: most often a part of it that could not be fetched any more. */
function PageError({ error }: { error: Error }) {
  const missing = error.name === "ChunkLoadError" || /chunk|dynamically imported/i.test(error.message);
  useEffect(() => {
    if (!missing) return;
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [missing]);
  return (
    <main role="alert" className="grid h-dvh place-items-center p-6" data-testid="page-error">
      <div className="w-full max-w-sm space-y-4">
        <Logo />
        <div className="space-y-1.5">
          <h1 className="text-lg font-semibold tracking-tight text-balance">
            {missing ? "A part of the page could not be loaded" : "Something on this page went wrong"}
          </h1>
          <p className="text-[13px] text-pretty text-ink-2">
            {missing
              ? "The line to Rundown is gone, or it was updated meanwhile. Once the line is back the page loads again by itself."
              : "What is saved is safe, and so are drafts. Load the page again; if it keeps happening, tell whoever runs this server."}
          </p>
        </div>
        {missing ? null : (
          <p className="rounded-md border bg-panel px-3 py-2 font-mono text-xs break-words text-ink-2">
            {error.message}
          </p>
        )}
        <Button variant="primary" onClick={again}>
          Load the page again
        </Button>
      </div>
    </main>
  );
}

/** Shows what happened in place of a page that broke while it was drawn. */
export class PageErrors extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(reason: unknown): { error: Error } {
    return { error: reason instanceof Error ? reason : new Error(String(reason)) };
  }

  override render(): ReactNode {
    return this.state.error ? <PageError error={this.state.error} /> : this.props.children;
  }
}
