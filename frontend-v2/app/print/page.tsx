import type { Metadata } from "next";
import { PrintPage } from "@/components/history/print-page";

export const metadata: Metadata = { title: "Conversation – Rundown", robots: { index: false, follow: false } };

export default function Page() {
  return <PrintPage />;
}
