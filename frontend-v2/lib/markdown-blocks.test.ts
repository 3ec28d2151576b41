import { describe, expect, it } from "vitest";
import {
  hasDefinitions,
  normaliseNewlines,
  NOTHING_PARSED,
  parseMarkdown,
  type MarkdownBlock,
} from "./markdown-blocks";
import { pick, random, repeat } from "./test-random";

const TEXT = [
  "# Head\n\nA paragraph\nof two lines.\n\n",
  "- one\n- two\n  - nested\n\n  still two\n- three\n\n",
  "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
  "> quote\nlazy\n\n```python\ndef f():\n    return 1\n\n# not a heading\n```\n\n",
  "Setext\n===\n\n1. x\n2. y\n\nEnd 📉 €\n",
].join("");

const PIECES = [
  ..."#>-*`~|_[\n\n\n ",
  "one ",
  "**two**",
  "\n\n",
  "\n- item",
  "\n  1. nested",
  "\n    indented",
  "\n> quote",
  "\n```py\nx = 1\n",
  "\n```\n",
  "\n~~~\n",
  "\n| a | b |\n|---|---|\n| 1 | 2 |",
  "\n===\n",
  "\n---\n",
  "\n<b>html</b>\n",
  "\t",
];

const whole = (text: string) => parseMarkdown(NOTHING_PARSED, text).blocks;

/** What a block shows, wherever it stands. */
const shown = (blocks: readonly MarkdownBlock[]): unknown =>
  JSON.parse(
    JSON.stringify(
      blocks.map(({ raw, node, open }) => ({ raw, node, open })),
      (key, value: unknown) => (key === "position" ? undefined : value),
    ),
  );

/** Grows a text by steps and compares what is parsed at each with what is parsed at once. */
function grow(text: string, step: () => number): void {
  let parsed = NOTHING_PARSED;
  for (let end = step(); parsed.text.length < text.length; end += step()) {
    parsed = parseMarkdown(parsed, text.slice(0, end));
    expect(shown(parsed.blocks), JSON.stringify(parsed.text)).toEqual(shown(whole(parsed.text)));
  }
}

describe("parseMarkdown", () => {
  it.each([1, 3, 7, 20])("grown %d characters at a time, it ends as if parsed at once", (step) => {
    grow(TEXT, () => step);
  });

  it("the same goes for pieces in any order, cut anywhere", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      grow(repeat(next, 12, () => pick(next, PIECES)).join(""), () => 1 + Math.floor(next() * 6));
    }
  });

  it("a block is the text at its place, and only blank lines lie between two", () => {
    let at = 0;
    for (const block of whole(TEXT)) {
      expect(TEXT.slice(at, block.start).trim()).toBe("");
      expect(TEXT.slice(block.start, block.start + block.raw.length)).toBe(block.raw);
      at = block.start + block.raw.length;
    }
    expect(TEXT.slice(at).trim()).toBe("");
  });

  it("settled blocks keep their identity, so that they are not rendered again", () => {
    const before = parseMarkdown(NOTHING_PARSED, TEXT);
    const after = parseMarkdown(before, `${TEXT}\n\nmore`);
    expect(after.blocks.slice(0, 5).every((block, index) => block === before.blocks[index])).toBe(true);
  });

  it("a fence is open until its closing line", () => {
    const open = (text: string) => parseMarkdown(NOTHING_PARSED, text).blocks.at(-1)?.open;
    expect(open("```py\nx = 1\n")).toBe(true);
    expect(open("```py\nx = 1\n``")).toBe(true);
    expect(open("```py\nx = 1\n```")).toBe(false);
    expect(open("````md\n```\n")).toBe(true);
    expect(open("plain text")).toBe(false);
  });

  it("another text is parsed anew", () => {
    const parsed = parseMarkdown(parseMarkdown(NOTHING_PARSED, "first"), "other\n\ntext");
    expect(parsed.blocks.map((block) => block.raw).join(" ")).toBe("other text");
  });
});

describe("hasDefinitions", () => {
  it.each([
    ["see [a][1]\n\n[1]: https://example.com", true],
    ["note[^1]\n\n[^1]: text", true],
    ["- [ ] task", false],
    ["a [link](https://example.com)", false],
  ])("%j", (text, found) => expect(hasDefinitions(text)).toBe(found));
});

it("all newlines become one kind", () => expect(normaliseNewlines("a\r\nb\rc\n")).toBe("a\nb\nc\n"));
