import { Lexer } from "marked";

export interface MarkdownBlock {
  /** Offset of `raw` in the whole text, in UTF-16 code units. */
  start: number;
  raw: string;
  /** A code fence that has not been closed yet. */
  open: boolean;
}

export interface LexedMarkdown {
  text: string;
  blocks: MarkdownBlock[];
}

export const NOTHING_LEXED: LexedMarkdown = { text: "", blocks: [] };

/** A later line may join the last block (a list item, a lazy quote line) or turn the one before it into part of it. */
const UNSETTLED_BLOCKS = 2;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

function isOpenFence(raw: string): boolean {
  const mark = FENCE.exec(raw)?.[1];
  if (!mark) return false;
  const closing = new RegExp(`\\n {0,3}${mark[0]}{${mark.length},}[ \\t]*\\n*$`);
  return !closing.test(raw);
}

/** References and footnotes reach across blocks, so such a text can't be rendered block by block. */
export function hasDefinitions(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:\s*\S/m.test(text);
}

export const normaliseNewlines = (text: string): string => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);

function lexFrom(text: string, offset: number): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  let at = offset;
  for (const token of new Lexer({ gfm: true }).blockTokens(text.slice(offset), [])) {
    const last = blocks.at(-1);
    if (token.type === "space" && last) last.raw += token.raw;
    else blocks.push({ start: at, raw: token.raw, open: false });
    at += token.raw.length;
  }
  // A lexer that changed lengths would shift every later block: one whole block is right, only slower.
  if (at !== text.length) return [{ start: offset, raw: text.slice(offset), open: false }];
  const tail = blocks.at(-1);
  if (tail) tail.open = isOpenFence(tail.raw);
  return blocks;
}

/**
 * Splits a growing text into top-level blocks, lexing only what is new. Blocks that did not change keep their identity,
 * so that a memoised renderer skips them. A text that does not continue `previous` is lexed whole.
 */
export function lexMarkdown(previous: LexedMarkdown, text: string): LexedMarkdown {
  if (text === previous.text) return previous;
  if (!text.startsWith(previous.text)) return { text, blocks: lexFrom(text, 0) };
  const settled = previous.blocks.slice(0, -UNSETTLED_BLOCKS);
  const last = settled.at(-1);
  const fresh = lexFrom(text, last ? last.start + last.raw.length : 0);
  const old = previous.blocks.slice(settled.length);
  const joined = fresh.map((block, index) => {
    const before = old[index];
    return before && before.raw === block.raw && before.open === block.open ? before : block;
  });
  return { text, blocks: [...settled, ...joined] };
}
