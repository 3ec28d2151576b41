"use client";

import { memo, useDeferredValue, useMemo, useState, type ReactElement } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "@/components/chat/code-block";
import { FigureMark } from "@/components/chat/figure-mark";
import type { FigureEvidence } from "@/components/chat/message-assistant";
import { figureMarks } from "@/lib/figure-marks";
import { useHighlighter } from "@/lib/lazy-highlight";
import {
  hasDefinitions,
  lexMarkdown,
  normaliseNewlines,
  NOTHING_LEXED,
  type LexedMarkdown,
  type MarkdownBlock,
} from "@/lib/markdown-blocks";
import type { CheckedFigure } from "@/lib/types";

export interface MarkdownRendererProps {
  content: string;
  /** More text may follow: an open code fence is shown plain, and references across blocks wait for the end. */
  streaming?: boolean;
  figures?: readonly CheckedFigure[] | null;
  onEvidence?: (evidence: FigureEvidence) => void;
}

const SAFE_URL = /^(https?:\/\/|mailto:)/i;
const NO_FIGURES: readonly CheckedFigure[] = [];

const schema: typeof defaultSchema = {
  ...defaultSchema,
  protocols: { ...defaultSchema.protocols, href: ["http", "https", "mailto"], src: ["http", "https"] },
};

const safeUrl = (url: string): string => (SAFE_URL.test(url.trim()) ? url : "");

/** An image would tell its owner that the answer was read: what is shown is where it would come from. */
function ImagePlaceholder({ src, alt }: { src?: unknown; alt?: string }) {
  const label = `Image not loaded${alt ? `: ${alt}` : ""}`;
  return typeof src === "string" && SAFE_URL.test(src) ? (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow" data-testid="image-placeholder">
      [{label}]
    </a>
  ) : (
    <span className="text-ink-3">[{label}]</span>
  );
}

const baseComponents: Components = {
  a: ({ href, children }) =>
    href && SAFE_URL.test(href) ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ src, alt }) => <ImagePlaceholder src={src} alt={alt} />,
  table: ({ children }) => (
    <div className="overflow-x-auto rounded-md border">
      <table>{children}</table>
    </div>
  ),
  th: ({ children, style }) => <th align={style?.textAlign as "left" | "right" | "center" | undefined}>{children}</th>,
  td: ({ children, style }) => <td align={style?.textAlign as "left" | "right" | "center" | undefined}>{children}</td>,
  pre: ({ children }) => {
    const code = children as ReactElement<{ className?: string; children?: React.ReactNode }>;
    const language = /language-([\w+#.-]+)/.exec(code?.props?.className ?? "")?.[1] ?? "";
    return (
      <CodeBlock language={language}>
        <code className={code?.props?.className}>{code?.props?.children}</code>
      </CodeBlock>
    );
  },
};

interface BlockProps {
  block: MarkdownBlock;
  plain: boolean;
  figures: readonly CheckedFigure[];
  onEvidence: MarkdownRendererProps["onEvidence"];
}

function OpenFence({ raw }: { raw: string }) {
  const [first = "", ...lines] = raw.split("\n");
  const language = first.replace(/^[\s`~]+/, "").split(/\s/)[0] ?? "";
  return (
    <CodeBlock language={language}>
      <code className="hljs">{lines.join("\n")}</code>
    </CodeBlock>
  );
}

/** Memoised: a block that did not change costs nothing while others stream in. */
const Block = memo(
  function Block({ block, plain, figures, onEvidence }: BlockProps) {
    const highlight = useHighlighter(block.raw);
    const options = useMemo<Pick<Options, "rehypePlugins" | "components">>(
      () => ({
        // Sanitising comes first: what is added after it is our own.
        rehypePlugins: [
          [rehypeSanitize, schema],
          ...(highlight ? [highlight] : []),
          [figureMarks, { figures, offset: block.start }],
        ],
        components: {
          ...baseComponents,
          span: ({ node, ...props }) => {
            const mark = node?.properties.dataFigure ?? node?.properties.dataTrade;
            if (mark === undefined) return <span {...props} />;
            const figure = node?.properties.dataFigure === undefined ? null : (figures[Number(mark)] ?? null);
            return (
              <FigureMark figure={figure} trade={figure ? null : Number(mark)} onEvidence={onEvidence}>
                {props.children}
              </FigureMark>
            );
          },
        },
      }),
      [figures, block.start, highlight, onEvidence],
    );
    if (plain) return <OpenFence raw={block.raw} />;
    return (
      <div>
        <ReactMarkdown remarkPlugins={[remarkGfm]} urlTransform={safeUrl} {...options}>
          {block.raw}
        </ReactMarkdown>
      </div>
    );
  },
  (before, after) =>
    before.block === after.block &&
    before.plain === after.plain &&
    before.figures === after.figures &&
    before.onEvidence === after.onEvidence,
);

/** Lexes what is new, remembering the blocks before it for as long as the text only grows. */
function useBlocks(text: string, whole: boolean): MarkdownBlock[] {
  const [lexed, setLexed] = useState<LexedMarkdown>(NOTHING_LEXED);
  const next = lexed.text === text ? lexed : lexMarkdown(lexed, text);
  if (next !== lexed) setLexed(next);
  return useMemo(() => (whole ? [{ start: 0, raw: text, open: false }] : next.blocks), [whole, text, next]);
}

/** Markdown from a model, made safe: no raw HTML, no remote images, only web and mail links. */
export function MarkdownRenderer({ content, streaming = false, figures, onEvidence }: MarkdownRendererProps) {
  const text = normaliseNewlines(content);
  const whole = !streaming && hasDefinitions(text);
  const blocks = useBlocks(text, whole);
  // Offsets count in the text as sent; after newlines were normalised they would point elsewhere.
  const fitting = figures && text.length === content.length ? figures : NO_FIGURES;
  // They come all at once, after the last token, and change every block: React takes them a slice at a time.
  const marks = useDeferredValue(fitting);
  return (
    <div className="prose-answer">
      {blocks.map((block, index) => (
        <Block key={index} block={block} plain={streaming && block.open} figures={marks} onEvidence={onEvidence} />
      ))}
    </div>
  );
}

export default MarkdownRenderer;
