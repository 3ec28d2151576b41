import { useRef, type ReactNode } from "react";
import { CopyButton } from "./copy-button";

export interface CodeBlockProps {
  language: string;
  children: ReactNode;
}

/** Code with its language and a copy button, in GitHub Dark. */
export function CodeBlock({ language, children }: CodeBlockProps) {
  const pre = useRef<HTMLPreElement>(null);
  return (
    <div data-testid="code-block" className="on-dark overflow-hidden rounded-md border bg-code">
      <div className="flex items-center justify-between border-b bg-raised py-0.5 ps-3 pe-1">
        <span className="font-mono text-2xs text-ink-2">{language || "text"}</span>
        <CopyButton text={() => (pre.current?.textContent ?? "").replace(/\n$/, "")} />
      </div>
      <pre
        ref={pre}
        tabIndex={0}
        className="overflow-x-auto p-3 font-mono text-[12.5px] leading-relaxed [&_.hljs]:p-0!"
      >
        {children}
      </pre>
    </div>
  );
}
