"use client";

import { Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { fileName, saveBlob } from "@/lib/download";
import { messageOf } from "@/lib/failures";
import { formatAgo, plural } from "@/lib/format";
import type { ChatSession } from "@/lib/types";

export interface SessionItemProps {
  session: ChatSession;
  current: boolean;
  showRun: boolean;
  onOpen: () => void;
  onRename: (title: string) => Promise<void>;
  onPin: () => Promise<void>;
  onDelete: () => void;
  onProblem: (message: string | null) => void;
}

function RenameForm({
  session,
  onRename,
  onDone,
}: Pick<SessionItemProps, "session" | "onRename"> & { onDone: () => void }) {
  const [title, setTitle] = useState(session.session_title);
  const save = async (): Promise<void> => {
    const wanted = title.trim();
    if (wanted && wanted !== session.session_title) await onRename(wanted);
    onDone();
  };
  return (
    <form
      className="flex gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Input
        autoFocus
        aria-label="Title"
        data-testid="session-title-input"
        maxLength={200}
        className="h-8"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone();
        }}
      />
      <Button type="submit" variant="primary" data-testid="session-title-save">
        Save
      </Button>
    </form>
  );
}

/** A saved conversation with what can be done to it. */
export function SessionItem(props: SessionItemProps) {
  const { session, current, showRun, onOpen, onRename, onPin, onDelete, onProblem } = props;
  const api = useApi();
  const [renaming, setRenaming] = useState(false);

  const download = async (format: "md" | "json"): Promise<void> => {
    try {
      onProblem(null);
      saveBlob(await api.chat.exportSession(session.id, format), fileName(session.session_title, format));
    } catch (error) {
      onProblem(messageOf(error));
    }
  };
  const about = [formatAgo(session.updated_at), plural(session.message_count, "message")];
  if (showRun) about.unshift(`Run #${session.run_number} ${session.run_name}`);
  return (
    <article
      data-testid="session-item"
      data-session-id={session.id}
      aria-current={current ? "true" : undefined}
      className={cn("rounded-md border p-2.5", current ? "border-accent-ink/60 bg-hover" : "bg-raised")}
    >
      {renaming ? (
        <RenameForm session={session} onRename={onRename} onDone={() => setRenaming(false)} />
      ) : (
        <button type="button" data-testid="session-open" className="block w-full text-left" onClick={onOpen}>
          <span className="flex items-center gap-1.5 text-[13px] font-medium">
            {session.pinned ? <Pin className="size-3 shrink-0 text-accent-ink" aria-label="Pinned" /> : null}
            <span className="truncate">{session.session_title}</span>
          </span>
          {session.snippet ? (
            <span className="mt-0.5 line-clamp-2 block text-xs text-ink-2">{session.snippet}</span>
          ) : null}
        </button>
      )}
      <div className="mt-1 flex items-center gap-0.5">
        <p className="tnum min-w-0 flex-1 truncate text-2xs text-ink-3">{about.join(" · ")}</p>
        {(["md", "json"] as const).map((format) => (
          <Button
            key={format}
            variant="ghost"
            size="icon-sm"
            className="w-auto px-1.5 font-mono text-2xs"
            aria-label={`Export as ${format === "md" ? "Markdown" : "JSON"}`}
            data-testid={`session-export-${format}`}
            onClick={() => void download(format)}
          >
            .{format}
          </Button>
        ))}
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={session.pinned ? "Unpin" : "Pin"}
          data-testid="session-pin"
          onClick={() => void onPin()}
        >
          {session.pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Rename"
          data-testid="session-rename"
          onClick={() => setRenaming(true)}
        >
          <Pencil aria-hidden />
        </Button>
        <Button variant="ghost" size="icon-sm" aria-label="Delete" data-testid="session-delete" onClick={onDelete}>
          <Trash2 aria-hidden />
        </Button>
      </div>
    </article>
  );
}
