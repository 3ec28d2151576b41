import type { ReactNode } from "react";
import { checkLine } from "@/components/chat/check-summary";
import { MarkdownRenderer } from "@/components/markdown-renderer";
import { Time } from "@/components/ui/time";
import type { PlainMessage } from "@/lib/types";

const MARKS = [
  { status: "verified", means: "found in a tool's result" },
  { status: "derived", means: "computed from verified figures" },
  { status: "unverified", means: "not found in any tool's result" },
] as const;

function Message({ message }: { message: PlainMessage }) {
  const mine = message.role === "user";
  return (
    <article data-testid={`document-${message.role}`} className="space-y-2 py-5">
      <h2 className="flex items-baseline gap-2 text-[13px] font-semibold break-after-avoid">
        {mine ? "Question" : "Answer"}
        <span className="text-xs font-normal text-ink-3">
          <Time iso={message.timestamp} />
          {message.stopped ? ", stopped by the reader" : ""}
        </span>
      </h2>
      {message.tool_calls.length ? (
        <p className="text-xs text-ink-2">
          Tools used: <span className="font-mono">{message.tool_calls.join(", ")}</span>
        </p>
      ) : null}
      {mine ? (
        <p dir="auto" className="text-sm whitespace-pre-wrap break-words">
          {message.content}
        </p>
      ) : (
        <div dir="auto" className="text-sm">
          <MarkdownRenderer content={message.content} figures={message.checks} />
        </div>
      )}
      {message.checks.length ? <p className="tnum text-xs text-ink-2">{checkLine(message.checks)}</p> : null}
    </article>
  );
}

export interface ConversationDocumentProps {
  title: string;
  about: ReactNode;
  messages: readonly PlainMessage[];
}

/** A conversation to be read and printed: no controls, and the figures' marks explained. */
export function ConversationDocument({ title, about, messages }: ConversationDocumentProps) {
  const checked = messages.some((message) => message.checks.length);
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-8 print:max-w-none print:p-0" data-testid="document">
      <header className="space-y-1.5 border-b pb-4">
        <h1 dir="auto" className="text-xl font-semibold tracking-tight text-balance break-words">
          {title}
        </h1>
        <p className="text-[13px] text-ink-2">{about}</p>
        {checked ? (
          <p className="flex flex-wrap gap-x-4 text-xs text-ink-2">
            {MARKS.map(({ status, means }) => (
              <span key={status}>
                <span className="figure-mark" data-status={status}>
                  {status}
                </span>
                : {means}
              </span>
            ))}
          </p>
        ) : null}
      </header>
      <div className="divide-y">
        {messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </div>
    </div>
  );
}
