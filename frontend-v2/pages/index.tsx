import { AppShell } from "@/components/shell/app-shell";
import { AuthGate } from "@/components/shell/auth-gate";
import { Providers } from "@/components/shell/providers";

export default function Page() {
  return (
    <Providers>
      <AuthGate>
        <AppShell />
      </AuthGate>
    </Providers>
  );
}
