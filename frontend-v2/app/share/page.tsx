import type { Metadata } from "next";
import { ShareView } from "@/components/history/share-view";

export const metadata: Metadata = { title: "Shared conversation – Rundown", robots: { index: false, follow: false } };

export default function SharePage() {
  return <ShareView />;
}
