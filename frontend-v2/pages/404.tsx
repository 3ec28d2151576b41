import Link from "next/link";
import { Logo } from "@/components/shell/logo";

export default function NotFound() {
  return (
    <main className="grid h-dvh place-items-center p-6">
      <div className="w-full max-w-sm space-y-4">
        <Logo />
        <div className="space-y-1.5">
          <h1 className="text-lg font-semibold tracking-tight">There is nothing at this address</h1>
          <p className="text-[13px] text-ink-2">It may have been copied in part, or it never existed.</p>
        </div>
        <Link
          href="/"
          prefetch={false}
          className="inline-flex h-8.5 items-center rounded-md bg-accent px-3 text-[13px] font-medium text-white hover:bg-accent-hover"
        >
          Go to the dashboard
        </Link>
      </div>
    </main>
  );
}
