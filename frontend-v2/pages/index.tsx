import { AppShell } from "@/components/shell/app-shell";
import { AuthGate } from "@/components/shell/auth-gate";
import { fetchFirstParts } from "@/components/shell/page-parts";
import { Providers } from "@/components/shell/providers";

if (typeof window !== "undefined") fetchFirstParts();

export default function Page() {
  return (
    <Providers>
      <AuthGate>
        <AppShell />
      </AuthGate>
    </Providers>
  );
}
