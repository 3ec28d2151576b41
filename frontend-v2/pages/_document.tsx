import { Head, Html, Main, NextScript } from "next/document";
import { THEME_SCRIPT } from "@/lib/theme-script";

/** What stands around every page, before any script of it runs. */
export default function PageDocument() {
  return (
    <Html lang="en" data-theme="dark">
      <Head>
        {/* Here, since `next/head` is script that every view would load; the views with another name set it themselves. */}
        {/* eslint-disable-next-line @next/next/no-title-in-document-head */}
        <title>Rundown</title>
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
        <meta
          name="description"
          content="Ask a finished trading run why it lost money, and check every figure of the answer."
        />
        <meta name="theme-color" content="#0b0d12" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      </Head>
      <body>
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
