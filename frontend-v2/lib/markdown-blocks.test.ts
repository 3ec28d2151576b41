import { describe, expect, it } from "vitest";
import { hasDefinitions, lexMarkdown, normaliseNewlines, NOTHING_LEXED } from "./markdown-blocks";

const TEXT = [
  "# Head\n\nA paragraph\nof two lines.\n\n",
  "- one\n- two\n  - nested\n\n  still two\n- three\n\n",
  "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
  "> quote\nlazy\n\n```python\ndef f():\n    return 1\n\n# not a heading\n```\n\n",
  "Setext\n===\n\n1. x\n2. y\n\nEnd 📉 €\n",
].join("");

const raws = (text: string) => lexMarkdown(NOTHING_LEXED, text).blocks.map((block) => block.raw);

describe("lexMarkdown", () => {
  it.each([1, 3, 7, 20])("grown %d characters at a time, it ends as if lexed at once", (step) => {
    let lexed = NOTHING_LEXED;
    for (let end = step; end < TEXT.length + step; end += step) {
      const text = TEXT.slice(0, end);
      lexed = lexMarkdown(lexed, text);
      expect(lexed.blocks.map((block) => block.raw)).toEqual(raws(text));
    }
  });

  it("blocks lie end to end", () => {
    let at = 0;
    for (const block of lexMarkdown(NOTHING_LEXED, TEXT).blocks) {
      expect(block.start).toBe(at);
      at += block.raw.length;
    }
    expect(at).toBe(TEXT.length);
  });

  it("settled blocks keep their identity, so that they are not rendered again", () => {
    const before = lexMarkdown(NOTHING_LEXED, TEXT);
    const after = lexMarkdown(before, `${TEXT}\n\nmore`);
    expect(after.blocks.slice(0, 5).every((block, index) => block === before.blocks[index])).toBe(true);
  });

  it("a fence is open until its closing line", () => {
    const open = (text: string) => lexMarkdown(NOTHING_LEXED, text).blocks.at(-1)?.open;
    expect(open("```py\nx = 1\n")).toBe(true);
    expect(open("```py\nx = 1\n``")).toBe(true);
    expect(open("```py\nx = 1\n```")).toBe(false);
    expect(open("````md\n```\n")).toBe(true);
    expect(open("plain text")).toBe(false);
  });

  it("another text is lexed anew", () => {
    const lexed = lexMarkdown(lexMarkdown(NOTHING_LEXED, "first"), "other\n\ntext");
    expect(lexed.blocks.map((block) => block.raw).join("")).toBe("other\n\ntext");
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
