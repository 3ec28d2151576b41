import { ShareView } from "@/components/history/share-view";
import { useTitle } from "@/hooks/use-title";

export default function SharePage() {
  useTitle("Shared conversation – Rundown");
  return <ShareView />;
}
