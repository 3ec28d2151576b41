import { PrintPage } from "@/components/history/print-page";
import { useTitle } from "@/hooks/use-title";

export default function Page() {
  useTitle("Conversation – Rundown");
  return <PrintPage />;
}
