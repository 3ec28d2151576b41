import { formatTime, formatUtc } from "@/lib/format";

/** A moment in the reader's locale and time zone; in UTC, as the run has it, on hover. */
export function Time({ iso, clock = true }: { iso: string | null | undefined; clock?: boolean }) {
  const text = formatTime(iso, clock);
  return iso ? (
    <time dateTime={iso} title={`${formatUtc(iso)} UTC`}>
      {text}
    </time>
  ) : (
    text
  );
}
