import { Fragment } from "react";

/** Words as a search takes them, longest first, so that a word does not hide one that begins with it. */
export function searchWords(search: string): string[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

/** Text with the words of a search marked. */
export function Highlighted({ text, search }: { text: string; search: string }) {
  const words = searchWords(search).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!words.length) return <>{text}</>;
  // With a capturing group the parts at odd places are the hits.
  return text.split(new RegExp(`(${words.join("|")})`, "giu")).map((part, index) =>
    index % 2 ? (
      <mark key={index} className="rounded-sm bg-warn/25 text-ink">
        {part}
      </mark>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
