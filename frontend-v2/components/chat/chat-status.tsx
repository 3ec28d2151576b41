import type { Answer } from "@/lib/chat-reducer";

function statusOf(answer: Answer | undefined): string {
  if (!answer) return "";
  const running = answer.tools.findLast((call) => call.state === "running");
  switch (answer.status) {
    case "waiting":
      return "Question sent";
    case "streaming":
      return running ? `Running ${running.tool}` : "The answer is arriving";
    case "done":
      return "The answer is complete";
    case "stopped":
      return "Stopped";
    case "error":
      // What it was is announced by its card.
      return "The answer failed";
    default:
      return "";
  }
}

/** What happens, for screen readers: states, not tokens. */
export function ChatStatus({ answer }: { answer: Answer | undefined }) {
  return (
    <p role="status" aria-live="polite" className="sr-only" data-testid="chat-status">
      {statusOf(answer)}
    </p>
  );
}
