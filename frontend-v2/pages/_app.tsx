import "highlight.js/styles/github-dark.css";
import "@/styles/globals.css";
import type { AppProps } from "next/app";
import Router from "next/router";
import { useEffect, useSyncExternalStore } from "react";
import { PageErrors } from "@/components/shell/page-error";
import { Starting } from "@/components/shell/starting";

const never = () => () => undefined;

/** False in the exported file and while React takes it over. */
const useInBrowser = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/**
 * The page is shown once the router has written the address for the last time: from then on the address is the view's
 * (`components/shell/view-provider.tsx`), also when the reader goes back. The exported files hold what is shown till then.
 */
export default function App({ Component, pageProps, router }: AppProps) {
  const started = useInBrowser() && router.isReady;
  useEffect(() => Router.beforePopState(() => false), []);
  return <PageErrors>{started ? <Component {...pageProps} /> : <Starting />}</PageErrors>;
}
