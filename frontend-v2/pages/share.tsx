import Head from "next/head";
import { ShareView } from "@/components/history/share-view";

export default function SharePage() {
  return (
    <>
      <Head>
        <title>Shared conversation – Rundown</title>
        <meta name="robots" content="noindex, nofollow" />
      </Head>
      <ShareView />
    </>
  );
}
