import type { Definition } from "mdast";
import { memo, startTransition, useDeferredValue, useEffect, useMemo, useState } from "react";
import type { FigureEvidence } from "@/lib/evidence";
import {
  hasDefinitions,
  normaliseNewlines,
  NOTHING_PARSED,
  parseMarkdown,
  type MarkdownBlock,
  type ParsedMarkdown,
} from "@/lib/markdown-blocks";
import type { CheckedFigure } from "@/lib/types";
import { showBlock, type Surroundings } from "./markdown-nodes";
import { PlainText } from "./plain-text";

export interface MarkdownRendererProps {
  content: string;
  /** More text may follow: references across blocks wait for the end. */
  streaming?: boolean;
  figures?: readonly CheckedFigure[] | null;
  onEvidence?: (evidence: FigureEvidence) => void;
}

/** So many letters are parsed in one task, and so many drawn; what is longer comes in several. */
const PARSED = 800;
const STEP = 3_000;
const NO_FIGURES: readonly CheckedFigure[] = [];
const NO_DEFINITIONS: ReadonlyMap<string, Definition> = new Map();

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** Memoised: a block that did not change costs nothing while others stream in. */
const Block = memo(
  function Block(around: Surroundings) {
    return <div dir="auto">{showBlock(around)}</div>;
  },
  (before, after) =>
    before.block === after.block &&
    before.definitions === after.definitions &&
    before.onEvidence === after.onEvidence &&
    sameItems(before.figures, after.figures),
);

/** A text's beginning, up to the end of a line: longer by a step with each task, until it is whole. */
function useSteps(text: string): string {
  const [allowed, setAllowed] = useState(PARSED);
  const whole = text.length <= allowed;
  // An answer that streams in stays well within what is allowed, so it never waits.
  const wanted = whole ? text.length + STEP : allowed + PARSED;
  const grow = !whole || text.length > allowed - PARSED / 2;
  useEffect(() => {
    if (!grow) return;
    const timer = setTimeout(() => startTransition(() => setAllowed(wanted)));
    return () => clearTimeout(timer);
  }, [grow, wanted]);
  return whole ? text : text.slice(0, text.lastIndexOf("\n", allowed) + 1 || allowed);
}

/** As many blocks as are worth a drawing of their own: each lays out anew all that stands there. */
function useShown(
  blocks: MarkdownBlock[],
  length: number,
  whole: boolean,
): { blocks: MarkdownBlock[]; length: number } {
  const [shown, setShown] = useState<{ blocks: MarkdownBlock[]; length: number }>({ blocks: [], length: 0 });
  if (shown.blocks === blocks || (!whole && length - shown.length < STEP)) return shown;
  const next = { blocks, length };
  setShown(next);
  return next;
}

/**
 * They come all at once, after the last token, and change many blocks: those of a step with each task, so that neither
 * drawing them nor laying the answer out anew takes one long one.
 */
function useMarks(figures: readonly CheckedFigure[]): readonly CheckedFigure[] {
  const [marked, setMarked] = useState(STEP);
  const rest = figures.some(({ end }) => end > marked);
  useEffect(() => {
    if (!rest) return;
    const timer = setTimeout(() => setMarked(marked + STEP));
    return () => clearTimeout(timer);
  }, [rest, marked]);
  const shown = useMemo(() => (rest ? figures.filter(({ end }) => end <= marked) : figures), [rest, figures, marked]);
  return useDeferredValue(shown);
}

/** Parses what is new, remembering the blocks before it for as long as the text only grows. */
function useBlocks(text: string, whole: boolean): MarkdownBlock[] {
  const [parsed, setParsed] = useState<ParsedMarkdown>(NOTHING_PARSED);
  const next = parsed.text === text ? parsed : parseMarkdown(parsed, text);
  if (next !== parsed) setParsed(next);
  return useMemo(() => (whole ? parseMarkdown(NOTHING_PARSED, text).blocks : next.blocks), [whole, text, next]);
}

function useDefinitions(blocks: readonly MarkdownBlock[], whole: boolean): ReadonlyMap<string, Definition> {
  return useMemo(() => {
    if (!whole) return NO_DEFINITIONS;
    const found = new Map<string, Definition>();
    for (const { node } of blocks)
      // The first of several with one name counts.
      if (node.type === "definition" && !found.has(node.identifier)) found.set(node.identifier, node);
    return found;
  }, [blocks, whole]);
}

/** Markdown from a model, made safe: no raw HTML, no remote images, only web and mail links. */
export function MarkdownRenderer(props: MarkdownRendererProps) {
  const { content, streaming = false, figures, onEvidence } = props;
  const normal = normaliseNewlines(content);
  const text = useSteps(normal);
  const whole = !streaming && text === normal && hasDefinitions(text);
  const blocks = useBlocks(text, whole);
  const definitions = useDefinitions(blocks, whole);
  // Offsets count in the text as sent; after newlines were normalised they would point elsewhere.
  const fitting = figures && normal.length === content.length ? figures : NO_FIGURES;
  const marks = useMarks(fitting);
  const shown = useShown(blocks, text.length, streaming || text === normal);
  const complete = shown.length === normal.length && marks.length === fitting.length;
  return (
    <div className="prose-answer" aria-busy={streaming || complete ? undefined : true}>
      {shown.blocks.map((block, index) => (
        <Block
          key={index}
          block={block}
          definitions={definitions}
          figures={marks.filter(({ start, end }) => start >= block.start && end <= block.start + block.raw.length)}
          onEvidence={onEvidence}
        />
      ))}
      {streaming || shown.length === normal.length ? null : <PlainText text={normal.slice(shown.length)} />}
    </div>
  );
}

export default MarkdownRenderer;
