import { Button } from "@/components/ui/button";
import { useDeletions } from "./deletions";

/** Says what was deleted and takes it back. It stays while it is pointed at or has the focus. */
export function UndoBar() {
  const { pending, problem, undo, hold, dismiss } = useDeletions();
  const newest = pending.at(-1);
  const others = pending.length - 1;
  return (
    <div
      data-testid="undo-bar"
      className="pointer-events-auto flex items-center gap-3 rounded-lg border border-line-strong bg-raised py-1.5 ps-3 pe-1.5 text-[13px] shadow-xl"
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      <p className="min-w-0 flex-1 truncate">
        {newest ? (
          <>
            Deleted “{newest.session_title}”{others ? ` and ${others} more` : ""}
          </>
        ) : (
          problem
        )}
      </p>
      {newest ? (
        <Button
          size="sm"
          data-testid="undo-delete"
          onClick={() => {
            hold(false);
            undo(newest.id);
          }}
        >
          Undo
        </Button>
      ) : (
        <Button size="sm" onClick={dismiss}>
          Close
        </Button>
      )}
    </div>
  );
}
