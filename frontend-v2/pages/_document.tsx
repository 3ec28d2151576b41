import Document, { Head, Html, Main, NextScript, type DocumentContext } from "next/document";
import { THEME_SCRIPT } from "@/lib/theme-script";
import { WARM_FORMATS_SCRIPT } from "@/lib/warm-formats-script";

/** Pages behind the sign-in ask for it first of all. */
const SIGNED_IN = ["/", "/print"];

/** What stands around every page, before any script of it runs. */
export default function PageDocument({ path }: { path: string }) {
  return (
    <Html lang="en" data-theme="dark">
      <Head>
        {/* Here, since `next/head` is script that every view would load; the views with another name set it themselves. */}
        {/* eslint-disable-next-line @next/next/no-title-in-document-head */}
        <title>Rundown</title>
        {SIGNED_IN.includes(path) ? <link rel="preload" href="/api/config" as="fetch" crossOrigin="anonymous" /> : null}
        <script dangerouslySetInnerHTML={{ __html: WARM_FORMATS_SCRIPT }} />
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

PageDocument.getInitialProps = async (context: DocumentContext) => ({
  ...(await Document.getInitialProps(context)),
  path: context.pathname,
});
