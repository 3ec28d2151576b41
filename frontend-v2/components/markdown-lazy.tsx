import { lazy, Suspense } from "react";
import { fetchPart } from "@/lib/fetch-part";
import type { MarkdownRendererProps } from "./markdown-renderer";

const Renderer = lazy(() => fetchPart(() => import("./markdown-renderer")));

/** The renderer is as large as all else of the chat: it comes with the first answer, whose text stands plain till then. */
export function MarkdownRenderer(props: MarkdownRendererProps) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap break-words">{props.content}</p>}>
      <Renderer {...props} />
    </Suspense>
  );
}
