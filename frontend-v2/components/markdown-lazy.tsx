import { lazy, Suspense } from "react";
import { fetchPart } from "@/lib/fetch-part";
import type { MarkdownRendererProps } from "./markdown-renderer";
import { PlainText } from "./plain-text";

const Renderer = lazy(() => fetchPart(() => import("./markdown-renderer")));

/** The renderer is as large as all else of the chat: it comes with the first answer, whose text stands plain till then. */
export function MarkdownRenderer(props: MarkdownRendererProps) {
  return (
    <Suspense fallback={<PlainText text={props.content} />}>
      <Renderer {...props} />
    </Suspense>
  );
}
