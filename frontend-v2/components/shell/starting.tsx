import { Spinner } from "@/components/ui/spinner";

/** What is seen until it is known who reads, and what. */
export function Starting() {
  return (
    <main className="grid h-dvh place-items-center p-6">
      <p role="status" className="flex items-center gap-2 text-[13px] text-ink-2">
        <Spinner /> Loading
      </p>
    </main>
  );
}
