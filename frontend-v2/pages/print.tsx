import Head from "next/head";
import { PrintPage } from "@/components/history/print-page";

export default function Page() {
  return (
    <>
      <Head>
        <title>Conversation – Rundown</title>
        <meta name="robots" content="noindex, nofollow" />
      </Head>
      <PrintPage />
    </>
  );
}
