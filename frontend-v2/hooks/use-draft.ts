import { useCallback, useMemo, useState } from "react";
import { useUserId } from "@/components/shell/auth-provider";
import { subjectKey, type Subject } from "@/lib/subject";

export interface Draft {
  text: string;
  setText: (text: string) => void;
}

// A browser may refuse storage (private windows, blocked cookies): then a draft lives as long as the page.
function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    return;
  }
}

/** What is being written about a subject, kept in this browser for this user until it is sent. */
export function useDraft(subject: Subject): Draft {
  const key = `rundown:draft:${useUserId()}:${subjectKey(subject)}`;
  const [text, show] = useState(() => read(key));
  const setText = useCallback(
    (next: string) => {
      show(next);
      write(key, next);
    },
    [key],
  );
  return useMemo(() => ({ text, setText }), [text, setText]);
}
