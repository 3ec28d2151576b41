import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { ChatComposer } from "@/components/chat/chat-composer";
import { ChatStatus } from "@/components/chat/chat-status";
import { ConversationTurn } from "@/components/chat/conversation-turn";
import type { FigureEvidence } from "@/lib/evidence";
import { useActions } from "@/hooks/use-actions";
import { useAsked } from "@/components/shell/ask-provider";
import { Button } from "@/components/ui/button";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useConversation, type Conversation } from "@/hooks/use-conversation";
import { useDraft } from "@/hooks/use-draft";
import { useReadingPlace } from "@/hooks/use-reading-place";
import { cn } from "@/lib/cn";
import { runSubject } from "@/lib/subject";
import type { Run } from "@/lib/types";

const UsageLine = onDemand(() => import("@/components/chat/usage-line").then((module) => module.UsageLine));
const ChatOpening = onDemand(() => import("@/components/chat/chat-opening").then((module) => module.ChatOpening));

/** Opens what a figure or a trade in an answer came from; a figure may rest on what an earlier answer's tools found. */
function useEvidence(run: Run, turns: Conversation["turns"]): (evidence: FigureEvidence) => void {
  const { showTrades } = useActions();
  const known = useRef(turns);
  useEffect(() => {
    known.current = turns;
  }, [turns]);
  return useCallback(
    (evidence) => showTrades({ run, ...evidence, tools: known.current.flatMap((turn) => turn.answer.tools) }),
    [run, showTrades],
  );
}

/** The chat about one run. */
export function ChatInterface({ run }: { run: Run }) {
  const chat = useConversation(run);
  const { box, content, away, toEnd, toPart } = useReadingPlace();
  const [editing, setEditing] = useState<string | null>(null);
  const draft = useDraft(runSubject(run.id));
  const area = useRef<HTMLTextAreaElement>(null);
  const { turns, ask, sought } = chat;
  const lastAsked = turns.findLast((turn) => turn.question)?.key ?? null;
  const showEvidence = useEvidence(run, turns);
  useAsked(({ question, send }) => {
    if (send && !chat.live && !chat.loading) return ask(question);
    draft.setText(draft.text.trim() ? `${draft.text.trimEnd()}\n${question}` : question);
    area.current?.focus();
  });
  const editLast = useCallback(() => setEditing(lastAsked), [lastAsked]);
  // What a search led to, else the newest turn; later only what is asked anew: another version is read where it stands.
  const lastKey = turns.at(-1)?.key ?? null;
  const [front, setFront] = useState<string | null>(null);
  if (front === null && lastKey !== null) setFront(sought ?? lastKey);
  else if (chat.live && front !== lastKey) setFront(lastKey);
  useEffect(() => {
    const part = content.current?.querySelector<HTMLElement>("[data-front]");
    if (front !== null && part) toPart(part);
  }, [front, content, toPart]);
  const empty = !chat.loading && !chat.error && !turns.length;

  return (
    <section aria-label="Chat" className="flex h-full flex-col">
      <div className="relative min-h-0 flex-1">
        <div ref={box} className="h-full overflow-y-auto [container-type:size]" data-testid="chat-scroll">
          <div ref={content} className="mx-auto max-w-3xl space-y-5 px-3 pt-2 pb-6 md:px-4">
            {chat.loading ? (
              <div role="status" aria-label="Loading the conversation" className="space-y-3 pt-4">
                <Skeleton className="ms-auto h-9 w-1/2" />
                <Skeleton className="h-28" />
              </div>
            ) : null}
            {chat.error ? <ProblemNote error={chat.error} onRetry={chat.reload} /> : null}
            {empty ? <ChatOpening run={run} onAsk={ask} /> : null}
            {turns.length ? <h2 className="sr-only">Conversation</h2> : null}
            {turns.map((turn, index) => (
              <div
                key={turn.key}
                data-sought={sought === turn.key || undefined}
                data-front={front === turn.key || undefined}
                // The newest has room to stand at the top, however short its answer is so far.
                className={cn("scroll-mt-2", index === turns.length - 1 && "min-h-[calc(100cqh-2rem)]")}
              >
                <ConversationTurn
                  turn={turn}
                  run={run}
                  chat={chat}
                  last={index === turns.length - 1}
                  editing={editing === turn.key}
                  onEditing={setEditing}
                  onAsk={ask}
                  onEvidence={showEvidence}
                />
              </div>
            ))}
          </div>
        </div>
        {away ? (
          <Button
            size="sm"
            data-testid="jump-to-newest"
            className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-lg"
            onClick={toEnd}
          >
            <ArrowDown aria-hidden /> {chat.live ? "Follow the answer" : "To the end"}
          </Button>
        ) : null}
      </div>
      <div className="mx-auto w-full max-w-3xl px-3 pb-3 md:px-4">
        <ChatComposer
          draft={draft}
          ref={area}
          onEditLast={editLast}
          live={chat.live}
          disabled={chat.loading || Boolean(chat.error)}
          onSend={ask}
          onStop={chat.stop}
        />
        {chat.usage ? <UsageLine usage={chat.usage} whole /> : null}
      </div>
      <ChatStatus answer={turns.at(-1)?.answer} />
    </section>
  );
}
