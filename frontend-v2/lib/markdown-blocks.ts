import type { Code, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

export interface MarkdownBlock {
  /** Offset of `raw` in the whole text, in UTF-16 code units. */
  start: number;
  raw: string;
  node: RootContent;
  /** What an offset in `node` has to be raised by to count in the whole text. */
  base: number;
  /** A code fence that has not been closed yet. */
  open: boolean;
}

export interface ParsedMarkdown {
  text: string;
  blocks: MarkdownBlock[];
}

export const NOTHING_PARSED: ParsedMarkdown = { text: "", blocks: [] };

/**
 * More text may change the last block; and as long as that one's first line is not complete, it may still turn out to be
 * part of the block before it (`#` after a line of text is a heading, `#5` is not).
 */
const unsettled = (blocks: readonly MarkdownBlock[]): number => (blocks.at(-1)?.raw.includes("\n") ? 1 : 2);

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

// One tilde means "about" far more often in figures than it strikes text through.
const SYNTAX = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown()] };

const closingLine = (fence: string): RegExp => new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`, "m");

function isOpenFence(raw: string): boolean {
  const fence = FENCE.exec(raw)?.[1];
  if (!fence) return false;
  const body = raw.indexOf("\n");
  return body < 0 || !closingLine(fence).test(raw.slice(body + 1));
}

/** References and footnotes reach across blocks, so such a text can't be parsed block by block. */
export function hasDefinitions(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:\s*\S/m.test(text);
}

export const normaliseNewlines = (text: string): string => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);

function parseFrom(text: string, base: number): MarkdownBlock[] {
  const { children } = fromMarkdown(text.slice(base), SYNTAX);
  const blocks = children.map((node): MarkdownBlock => {
    const from = base + (node.position?.start.offset ?? 0);
    const end = base + (node.position?.end.offset ?? 0);
    // With its indentation: parsed again from here, it is the same block.
    const start = text.lastIndexOf("\n", from - 1) + 1;
    return { start, raw: text.slice(start, end), node, base, open: false };
  });
  const tail = blocks.at(-1);
  if (tail?.node.type === "code") tail.open = isOpenFence(tail.raw);
  return blocks;
}

/** An open fence takes every line up to its closing one: such lines need no parser, however many they are. */
function longerFence({ text: before, blocks }: ParsedMarkdown, text: string): MarkdownBlock[] | null {
  const last = blocks.at(-1);
  const fence = last?.open ? /^(`{3,}|~{3,})/.exec(last.raw)?.[1] : undefined;
  if (!last || !fence || !last.raw.includes("\n")) return null;
  const unread = Math.max(before.lastIndexOf("\n") + 1, last.start + last.raw.indexOf("\n") + 1);
  if (closingLine(fence).test(text.slice(unread))) return null;
  const raw = text.slice(last.start);
  const value = raw.slice(raw.indexOf("\n") + 1).replace(/\n$/, "");
  return [...blocks.slice(0, -1), { ...last, raw, node: { ...(last.node as Code), value } }];
}

/**
 * Splits a growing text into parsed top-level blocks, parsing only what is new. Blocks that did not change keep their
 * identity, so that a memoised renderer skips them. A text that does not continue `previous` is parsed whole.
 */
export function parseMarkdown(previous: ParsedMarkdown, text: string): ParsedMarkdown {
  if (text === previous.text) return previous;
  if (!text.startsWith(previous.text)) return { text, blocks: parseFrom(text, 0) };
  const longer = longerFence(previous, text);
  if (longer) return { text, blocks: longer };
  const settled = previous.blocks.slice(0, -unsettled(previous.blocks));
  const old = previous.blocks.slice(settled.length);
  const fresh = parseFrom(text, settled.length ? (old[0]?.start ?? 0) : 0);
  const joined = fresh.map((block, index) => {
    const before = old[index];
    const same = before?.start === block.start && before.raw === block.raw && before.open === block.open;
    return same ? before : block;
  });
  return { text, blocks: [...settled, ...joined] };
}
