import type { Root } from "hast";
import type { Definition, ListItem, Nodes, Table, Text } from "mdast";
import { createElement, Fragment, type ReactNode } from "react";
import { CodeBlock } from "@/components/chat/code-block";
import { FigureMark } from "@/components/chat/figure-mark";
import type { FigureEvidence } from "@/lib/evidence";
import { stretches } from "@/lib/figure-marks";
import { useHighlighted } from "@/lib/lazy-highlight";
import type { MarkdownBlock } from "@/lib/markdown-blocks";
import type { CheckedFigure } from "@/lib/types";

/** What a block's nodes are shown with. */
export interface Surroundings {
  block: MarkdownBlock;
  figures: readonly CheckedFigure[];
  /** By identifier; links by reference to none of them stay text. */
  definitions: ReadonlyMap<string, Definition>;
  onEvidence?: (evidence: FigureEvidence) => void;
  /** In a link, which leads to one place already: nothing in it is marked. */
  unmarked?: boolean;
}

const SAFE_URL = /^(https?:\/\/|mailto:)/i;

const safeUrl = (url: string | undefined): string | null => {
  const trimmed = url?.trim() ?? "";
  return SAFE_URL.test(trimmed) ? trimmed : null;
};

function Link({ url, testId, children }: { url: string | undefined; testId?: string; children: ReactNode }) {
  const href = safeUrl(url);
  return href ? (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" data-testid={testId}>
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );
}

/** An image would tell its owner that the answer was read: what is shown is where it would come from. */
function ImagePlaceholder({ url, alt }: { url: string | undefined; alt: string | null | undefined }) {
  return (
    <Link url={url} testId="image-placeholder">
      [Image not loaded{alt ? `: ${alt}` : ""}]
    </Link>
  );
}

function coloured(nodes: Root["children"]): ReactNode[] {
  return nodes.map((node, index) => {
    if (node.type === "text") return node.value;
    if (node.type !== "element") return null;
    const { className } = node.properties;
    return (
      <span key={index} className={Array.isArray(className) ? className.join(" ") : undefined}>
        {coloured(node.children)}
      </span>
    );
  });
}

/** Code in its colours; plain while `open`: it would have to be coloured anew with every line. */
export function Code({ language, value, open }: { language: string; value: string; open: boolean }) {
  const tree = useHighlighted(open ? "" : language, value);
  return (
    <CodeBlock language={language}>
      <code className="hljs">{tree ? coloured(tree.children) : value}</code>
    </CodeBlock>
  );
}

function marked(node: Text, { block, figures, onEvidence, unmarked }: Surroundings): ReactNode {
  if (unmarked) return node.value;
  const start = node.position?.start.offset;
  const end = node.position?.end.offset;
  // A text that the parser made (a bare address cut out of another) has no place.
  const placed = start !== undefined && end !== undefined;
  const offset = placed ? block.base + start : 0;
  const source = placed ? block.raw.slice(offset - block.start, block.base + end - block.start) : "";
  return stretches(node.value, source, offset, placed ? figures : []).map((part, index) =>
    typeof part === "string" ? (
      part
    ) : (
      <FigureMark
        key={index}
        figure={"figure" in part ? part.figure : null}
        trade={"trade" in part ? part.trade : null}
        onEvidence={onEvidence}
      >
        {"figure" in part ? part.figure.text : part.text}
      </FigureMark>
    ),
  );
}

function item(node: ListItem, loose: boolean, around: Surroundings): ReactNode {
  const task = typeof node.checked === "boolean";
  return (
    <>
      {task ? <input type="checkbox" disabled checked={node.checked ?? false} readOnly /> : null}
      {task ? " " : null}
      {node.children.map((child, index) => (
        <Fragment key={index}>
          {child.type === "paragraph" && !loose ? all(child.children, around) : one(child, around)}
        </Fragment>
      ))}
    </>
  );
}

function table(node: Table, around: Surroundings): ReactNode {
  const [head, ...rows] = node.children.map((row, at) => (
    <tr key={at}>
      {row.children.map((cell, column) =>
        createElement(
          at ? "td" : "th",
          { key: column, align: node.align?.[column] ?? undefined },
          all(cell.children, around),
        ),
      )}
    </tr>
  ));
  return (
    <div className="overflow-x-auto rounded-md border">
      <table>
        <thead>{head}</thead>
        {rows.length ? <tbody>{rows}</tbody> : null}
      </table>
    </div>
  );
}

function all(nodes: readonly Nodes[], around: Surroundings): ReactNode[] {
  return nodes.map((node, index) => <Fragment key={index}>{one(node, around)}</Fragment>);
}

const definitionOf = (node: { identifier: string }, around: Surroundings): string | undefined =>
  around.definitions.get(node.identifier)?.url;

/** One node, by its kind. Raw HTML stays text; what has no kind here is shown as its text. */
function one(node: Nodes, around: Surroundings): ReactNode {
  switch (node.type) {
    case "text":
      return marked(node, around);
    case "paragraph":
      return <p>{all(node.children, around)}</p>;
    case "heading":
      return createElement(`h${node.depth}`, null, all(node.children, around));
    case "strong":
      return <strong>{all(node.children, around)}</strong>;
    case "emphasis":
      return <em>{all(node.children, around)}</em>;
    case "delete":
      return <del>{all(node.children, around)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "code":
      return (
        <Code language={node.lang ?? ""} value={node.value} open={around.block.open && node === around.block.node} />
      );
    case "list": {
      const loose = Boolean(node.spread) || node.children.some((child) => child.spread);
      const items = node.children.map((child, index) => (
        <li key={index} className={typeof child.checked === "boolean" ? "task-list-item" : undefined}>
          {item(child, loose, around)}
        </li>
      ));
      return node.ordered ? <ol start={node.start ?? 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case "blockquote":
      return <blockquote>{all(node.children, around)}</blockquote>;
    case "table":
      return table(node, around);
    case "thematicBreak":
      return <hr />;
    case "break":
      return <br />;
    case "link":
      return <Link url={node.url}>{all(node.children, { ...around, unmarked: true })}</Link>;
    case "linkReference":
      return <Link url={definitionOf(node, around)}>{all(node.children, { ...around, unmarked: true })}</Link>;
    case "image":
      return <ImagePlaceholder url={node.url} alt={node.alt} />;
    case "imageReference":
      return <ImagePlaceholder url={definitionOf(node, around)} alt={node.alt} />;
    case "html":
      return around.block.node === node ? <p>{node.value}</p> : node.value;
    case "footnoteReference":
      return <sup>[{node.label ?? node.identifier}]</sup>;
    case "footnoteDefinition":
      return (
        <aside>
          [{node.label ?? node.identifier}] {all(node.children, around)}
        </aside>
      );
    case "definition":
      return null;
    default:
      return "children" in node ? all(node.children, around) : null;
  }
}

/** A parsed block as elements, and only such as are named here: nothing a model writes becomes any other. */
export const showBlock = (around: Surroundings): ReactNode => one(around.block.node, around);
