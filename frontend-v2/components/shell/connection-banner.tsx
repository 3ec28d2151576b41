import { useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { reportAnswer, useConnection } from "@/lib/connection";

const TRY_EVERY_MS = 5_000;

const TEXTS = {
  offline: "You are offline. What is shown may be out of date; nothing can be asked or saved.",
  unreachable: "Rundown can’t be reached. What is shown may be out of date; it is tried again every few seconds.",
};

/** Says that the line is gone, tries again by itself, and brings everything up to date once it is back. */
export function ConnectionBanner() {
  const connection = useConnection();
  const queries = useQueryClient();
  const [trying, setTrying] = useState(false);
  const lost = useRef(false);

  const retry = useCallback(async () => {
    setTrying(true);
    try {
      await fetch("/healthz", { cache: "no-store" });
      reportAnswer(true);
    } catch {
      reportAnswer(false);
    } finally {
      setTrying(false);
    }
  }, []);

  useEffect(() => {
    if (connection !== "online") {
      lost.current = true;
      const timer = setInterval(() => void retry(), TRY_EVERY_MS);
      return () => clearInterval(timer);
    }
    if (lost.current) {
      lost.current = false;
      // Only what failed or may be old: an answer that was streaming has its own way back.
      void queries.refetchQueries({
        predicate: (query) => query.isActive() && (query.isStale() || query.state.status === "error"),
      });
    }
  }, [connection, queries, retry]);

  if (connection === "online") return null;
  return (
    <div
      role="status"
      data-testid="connection-banner"
      data-connection={connection}
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn/40 bg-warn/10 px-3 py-1.5 text-xs"
    >
      <CloudOff className="size-4 shrink-0 text-warn" aria-hidden />
      <p className="min-w-0 flex-1">{TEXTS[connection]}</p>
      <Button size="sm" disabled={trying} onClick={() => void retry()}>
        {trying ? <Spinner /> : null} Try now
      </Button>
    </div>
  );
}
