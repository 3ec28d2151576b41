import { useEffect, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Spinner } from "@/components/ui/spinner";
import { Time } from "@/components/ui/time";
import { useFetched } from "@/hooks/use-fetched";
import { ConversationDocument } from "./conversation-document";

/** Opens the browser's dialog once every answer is drawn whole: a long one comes in steps. */
async function printWhole(): Promise<void> {
  await document.fonts.ready;
  do await new Promise(requestAnimationFrame);
  while (document.querySelector('[aria-busy="true"]'));
  window.print();
}

/** A conversation on paper: the browser's own print dialog saves it as PDF, in any script it can show. */
export function PrintView() {
  const api = useApi();
  const [id] = useState(() => Number(new URLSearchParams(window.location.search).get("session")));
  const chat = useFetched({ queryKey: ["printed", id], queryFn: () => api.chat.whole(id), enabled: id > 0 });
  const title = chat.data?.session.session_title;
  useEffect(() => {
    if (!title) return;
    // The title becomes the file's name.
    document.title = title;
    void printWhole();
  }, [title]);
  return (
    <main data-theme="light" className="h-dvh overflow-y-auto bg-panel text-ink print:h-auto print:overflow-visible">
      {chat.data ? (
        <>
          <div className="flex justify-end p-3 print:hidden">
            <Button variant="primary" onClick={() => void printWhole()}>
              Print or save as PDF
            </Button>
          </div>
          <ConversationDocument
            title={chat.data.session.session_title}
            about={
              <>
                Run #{chat.data.session.run_number}, {chat.data.session.run_name}, of {chat.data.session.model_name}.
                Begun <Time iso={chat.data.session.created_at} />.
              </>
            }
            messages={chat.data.messages}
          />
        </>
      ) : chat.error || !(id > 0) ? (
        <div className="mx-auto max-w-md space-y-3 px-6 py-[12vh]">
          <h1 className="text-base font-semibold">This conversation can&apos;t be printed</h1>
          <ProblemNote
            error={chat.error ?? new Error("The address names no conversation. Export it from the history again.")}
          />
        </div>
      ) : (
        <p role="status" className="flex items-center justify-center gap-2 p-10 text-[13px] text-ink-2">
          <Spinner /> Loading the conversation
        </p>
      )}
    </main>
  );
}
