import { AuthGate } from "@/components/shell/auth-gate";
import { Providers } from "@/components/shell/providers";
import { PrintView } from "./print-view";

export function PrintPage() {
  return (
    <Providers>
      <AuthGate>
        <PrintView />
      </AuthGate>
    </Providers>
  );
}
