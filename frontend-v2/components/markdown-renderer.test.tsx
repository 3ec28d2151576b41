import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Tooltip } from "radix-ui";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CheckedFigure } from "@/lib/types";
import { MarkdownRenderer, type MarkdownRendererProps } from "./markdown-renderer";

const show = (content: string, props: Partial<MarkdownRendererProps> = {}) =>
  render(
    <Tooltip.Provider>
      <MarkdownRenderer content={content} {...props} />
    </Tooltip.Provider>,
  );

afterEach(() => vi.unstubAllGlobals());

describe("safety", () => {
  it("raw HTML stays text", () => {
    const { container } = show('<img src=x onerror="alert(1)"><script>alert(1)</script>\n\na <b onclick="x()">b</b>');
    expect(container.querySelector("script, img, b, [onerror], [onclick]")).toBeNull();
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "#x",
  ])("a link to %s is no link", (url) => {
    const { container } = show(`[click](${url})`);
    expect(container.querySelector("a")).toBeNull();
    expect(container).toHaveTextContent("click");
  });

  it.each(["https://example.com/a", "http://example.com/", "mailto:a@example.com"])(
    "%s opens apart and unreferred",
    (url) => {
      show(`[link](${url})`);
      const link = screen.getByRole("link");
      expect(link).toHaveAttribute("href", url);
      expect(link).toHaveAttribute("target", "_blank");
      expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
    },
  );

  it.each([
    "![chart](https://evil.example/p.png?secret=1)",
    "![x][i]\n\n[i]: https://evil.example/p.png",
    "![y](data:image/png;base64,AA)",
  ])("an image is never loaded: %s", (text) => {
    const { container } = show(text);
    expect(container.querySelector("img, source, picture")).toBeNull();
    expect(container).toHaveTextContent("Image not loaded");
  });
});

describe("rendering", () => {
  it("lets each block take its own direction", () => {
    const { container } = show("Net P&L was −5.\n\nהרווח היה 5.\n\n| a | b |\n|---|---|\n| 1 | -2 |");
    const blocks = [...(container.querySelector(".prose-answer")?.children ?? [])];
    expect(blocks).toHaveLength(3);
    for (const block of blocks) expect(block).toHaveAttribute("dir", "auto");
  });

  it("shows GFM tables, task lists and struck text", () => {
    const { container } = show("| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n\n~~old~~");
    expect(screen.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["1", "2"]);
    expect(container.querySelector('td[align="right"]')).toHaveTextContent("2");
    expect(container.querySelector("input[type=checkbox]")).toBeDisabled();
    expect(container.querySelector("del")).toHaveTextContent("old");
  });

  it("highlights closed code and names its language", async () => {
    const { container } = show("```python\ndef f(): pass\n```");
    expect(screen.getByTestId("code-block")).toHaveTextContent("python");
    await waitFor(() => expect(container.querySelector(".hljs-keyword")).toHaveTextContent("def"));
  });

  it("leaves an open fence plain while it streams, and highlights it once it closes", async () => {
    const { container, rerender } = show("```python\ndef f(): pa", { streaming: true });
    expect(container.querySelector(".hljs-keyword")).toBeNull();
    expect(screen.getByTestId("code-block")).toHaveTextContent("def f(): pa");
    rerender(
      <Tooltip.Provider>
        <MarkdownRenderer content={"```python\ndef f(): pass\n```"} streaming />
      </Tooltip.Provider>,
    );
    await waitFor(() => expect(container.querySelector(".hljs-keyword")).toHaveTextContent("def"));
  });

  it("keeps the elements of settled blocks while more text comes", () => {
    const { container, rerender } = show("first\n\nsecond\n\nthird\n\nfou", { streaming: true });
    const first = container.querySelector("p");
    rerender(
      <Tooltip.Provider>
        <MarkdownRenderer content={"first\n\nsecond\n\nthird\n\nfourth and more"} streaming />
      </Tooltip.Provider>,
    );
    expect(container.querySelector("p")).toBe(first);
    expect(container).toHaveTextContent("fourth and more");
  });

  it("shows a long answer step by step, and all of it", async () => {
    const parts = Array.from({ length: 400 }, (_, n) => `Part ${n} of it, in a **paragraph** of its own.`);
    const { container } = show(parts.join("\n\n"));
    expect(container.querySelectorAll("p").length).toBeLessThan(parts.length);
    expect(container.querySelector('[aria-busy="true"]')).not.toBeNull();
    await waitFor(() => expect(container.querySelectorAll("p")).toHaveLength(parts.length));
    expect(container).toHaveTextContent("Part 399 of it");
    expect(container.querySelector("[aria-busy]")).toBeNull();
  });

  it("keeps items of a loose list as paragraphs, numbers from where a list begins, and quotes inside", () => {
    const { container } = show("3. one\n\n4. two\n   > said\n\n- a\n- b\n  - c\n\n# Head\n\n---\nx  \ny");
    expect(container.querySelector("ol")).toHaveAttribute("start", "3");
    expect(container.querySelector("ol > li > p")).toHaveTextContent("one");
    expect(container.querySelector("li blockquote")).toHaveTextContent("said");
    expect(container.querySelector("ul > li > ul > li")).toHaveTextContent("c");
    expect(container.querySelector("ul > li > p")).toBeNull();
    expect(container.querySelectorAll("h1, hr, br")).toHaveLength(3);
  });

  it("reads one tilde as about, not as a stroke", () => {
    const { container } = show("~5 to ~9 %~ of it");
    expect(container.querySelector("del")).toBeNull();
    expect(container).toHaveTextContent("~5 to ~9 %~ of it");
  });

  it("resolves references across blocks once the answer has ended", () => {
    show("see [docs][1]\n\nmore\n\n[1]: https://example.com/docs");
    expect(screen.getByRole("link", { name: "docs" })).toHaveAttribute("href", "https://example.com/docs");
  });
});

describe("figures and trades", () => {
  const content = "Lost **-10.50** on trade #7.\n\nIn Run #5 fees were 3 %; see #12.\n\n`#9`";
  const at = (text: string, status: CheckedFigure["status"], source: CheckedFigure["source"] = null): CheckedFigure => {
    const start = content.indexOf(text);
    return { text, start, end: start + text.length, status, source };
  };

  it("marks each figure with its status, in later blocks too", () => {
    show(content, { figures: [at("-10.50", "verified", { trade_ids: [7] }), at("3 %", "unverified")] });
    const marks = screen.getAllByTestId("figure-mark");
    // From right to left too its sign stands in front.
    for (const mark of marks) expect(mark).toHaveAttribute("dir", "ltr");
    expect(marks.map((mark) => [mark.textContent, mark.dataset.status])).toEqual([
      ["-10.50", "verified"],
      ["3 %", "unverified"],
    ]);
  });

  it("opens the trades behind a figure, by mouse and by keyboard", async () => {
    const onEvidence = vi.fn();
    show(content, { figures: [at("-10.50", "verified", { trade_ids: [7, 8] })], onEvidence });
    const mark = screen.getByTestId("figure-mark");
    await userEvent.click(mark);
    fireEvent.keyDown(mark, { key: "Enter" });
    const shown = { figure: expect.objectContaining({ text: "-10.50" }) as unknown, ids: [7, 8], title: "-10.50" };
    expect(onEvidence.mock.calls).toEqual([[shown], [shown]]);
  });

  it("links trades, and neither runs nor code", async () => {
    const onEvidence = vi.fn();
    show(content, { onEvidence });
    const links = screen.getAllByTestId("trade-link");
    expect(links.map((link) => link.textContent)).toEqual(["#7", "#12"]);
    await userEvent.click(links[1]!);
    expect(onEvidence).toHaveBeenCalledWith({ ids: [12], title: "Trade #12" });
  });

  it.each([
    ["a quote of two lines", "> Fees were\n> **12.5** in all, net -10.50.", ["12.5", "-10.50"]],
    ["a wrapped item", "- won 7 of\n  20 trades\n- lost 13", ["7", "20", "13"]],
    ["a table", "| net | fees |\n|--:|--:|\n| -1.5 | 0.25 |", ["-1.5", "0.25"]],
    ["escapes", "About \\*so\\* 3.5 \\% of it", ["3.5"]],
  ])("marks figures in %s", (_name, text, figures) => {
    const checked = figures.map((figure): CheckedFigure => {
      const start = text.indexOf(figure);
      return { text: figure, start, end: start + figure.length, status: "verified" };
    });
    show(text, { figures: checked });
    expect(screen.getAllByTestId("figure-mark").map((mark) => mark.textContent)).toEqual(figures);
  });

  it("a figure whose offsets don't fit the text is left unmarked", () => {
    show(content, { figures: [{ text: "-10.50", start: 0, end: 6, status: "verified" }] });
    expect(screen.queryByTestId("figure-mark")).toBeNull();
  });
});

describe("copy", () => {
  const press = async () => {
    show("```python\nx = 1\ny = 2\n```");
    const button = within(screen.getByTestId("code-block")).getByTestId("copy-button");
    expect(button).toHaveTextContent("Copy");
    fireEvent.click(button);
    await waitFor(() => expect(button).toHaveTextContent("Copied"));
    return button;
  };

  it("copies the code itself, says Copied, then Copy again", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const button = await press();
    expect(writeText).toHaveBeenCalledWith("x = 1\ny = 2");
    await act(() => vi.advanceTimersByTimeAsync(1500));
    expect(button.textContent).toBe("Copied");
    await act(() => vi.advanceTimersByTimeAsync(600));
    expect(button.textContent).toBe("Copy");
    vi.useRealTimers();
  });

  it("works where there is no clipboard API", async () => {
    vi.stubGlobal("navigator", {});
    const command = vi.fn(() => true);
    document.execCommand = command;
    await press();
    expect(command).toHaveBeenCalledWith("copy");
  });
});
