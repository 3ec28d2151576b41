import { Download, Pencil, Pin, PinOff, Share2, Trash2 } from "lucide-react";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Highlighted } from "@/components/ui/highlighted";
import { Input } from "@/components/ui/input";
import { Menu, MenuItem } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { fileName, saveBlob } from "@/lib/download";
import { messageOf } from "@/lib/failures";
import { formatAgo, plural } from "@/lib/format";
import type { ChatSession } from "@/lib/types";

export interface SessionItemProps {
  session: ChatSession;
  current: boolean;
  showRun: boolean;
  /** What was searched for: marked where it stands. */
  search: string;
  onOpen: () => void;
  onRename: (title: string) => Promise<void>;
  onPin: () => Promise<void>;
  onShare: () => void;
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
        // What is typed takes the place of the old title, and does not stand behind it.
        onFocus={(event) => event.target.select()}
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

const FORMATS = [
  { format: "md", label: "Markdown" },
  { format: "json", label: "JSON" },
] as const;

function ExportMenu({ session, onProblem }: Pick<SessionItemProps, "session" | "onProblem">) {
  const api = useApi();
  const download = async (format: "md" | "json"): Promise<void> => {
    try {
      onProblem(null);
      saveBlob(await api.chat.exportSession(session.id, format), fileName(session.session_title, format));
    } catch (error) {
      onProblem(messageOf(error));
    }
  };
  return (
    <Menu
      trigger={
        <Button variant="ghost" size="icon-sm" aria-label="Export" data-testid="session-export">
          <Download aria-hidden />
        </Button>
      }
    >
      {FORMATS.map(({ format, label }) => (
        <MenuItem key={format} data-testid={`session-export-${format}`} onSelect={() => void download(format)}>
          {label}
        </MenuItem>
      ))}
      <MenuItem
        data-testid="session-export-pdf"
        onSelect={() => window.open(`/print?session=${session.id}`, "_blank", "noopener")}
      >
        PDF
      </MenuItem>
    </Menu>
  );
}

/** A saved conversation with what can be done to it. */
export function SessionItem(props: SessionItemProps) {
  const { session, current, showRun, search, onOpen, onRename, onPin, onShare, onDelete, onProblem } = props;
  const [renaming, setRenaming] = useState(false);
  const about = [formatAgo(session.updated_at), plural(session.message_count, "message")];
  if (showRun) about.unshift(`Run #${session.run_number} ${session.run_name}`);
  return (
    <article
      data-testid="session-item"
      data-session-id={session.id}
      aria-label={session.session_title}
      aria-current={current ? "true" : undefined}
      className={cn("rounded-md border p-2.5", current ? "border-accent-ink/60 bg-hover" : "bg-raised")}
    >
      {renaming ? (
        <RenameForm session={session} onRename={onRename} onDone={() => setRenaming(false)} />
      ) : (
        <button type="button" data-testid="session-open" className="block w-full text-start" onClick={onOpen}>
          <span className="flex items-center gap-1.5 text-[13px] font-medium">
            {session.pinned ? (
              <>
                <Pin className="size-3 shrink-0 text-accent-ink" aria-hidden />
                <span className="sr-only">Pinned:</span>
              </>
            ) : null}
            <span className="truncate" dir="auto">
              <Highlighted text={session.session_title} search={search} />
            </span>
          </span>
          {session.snippet ? (
            <span dir="auto" data-testid="session-snippet" className="mt-0.5 line-clamp-3 block text-xs text-ink-2">
              <Highlighted text={session.snippet} search={search} />
            </span>
          ) : null}
        </button>
      )}
      <div className="mt-1 flex items-center gap-0.5">
        <p className="tnum min-w-0 flex-1 truncate text-2xs text-ink-3">{about.join(" · ")}</p>
        <ExportMenu session={session} onProblem={onProblem} />
        <Button variant="ghost" size="icon-sm" aria-label="Share" data-testid="session-share" onClick={onShare}>
          <Share2 aria-hidden />
        </Button>
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
