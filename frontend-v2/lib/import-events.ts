import { createParser } from "eventsource-parser";

/** What the server is at; each stage counts its rows from 0. */
export interface ImportStep {
  stage: string;
  rows: number;
  /** Null while it is not known. */
  total: number | null;
}

/** How an import ended: the body of a plain answer, and a status of its kind. */
export interface ImportEnding {
  status: number;
  body: string;
}

/** The answer's text as it comes → steps, and the ending once it is there. A chunk may end anywhere. */
export function createImportReader(onStep: (step: ImportStep) => void) {
  let ending: ImportEnding | null = null;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "progress") {
        const step = parseStep(data);
        if (step) onStep(step);
      } else if (event === "done") ending = { status: 200, body: data };
      else if (event === "error") ending = { status: statusOf(data), body: data };
    },
  });
  return { push: (text: string): void => parser.feed(text), ending: (): ImportEnding | null => ending };
}

function parseJson(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0;

/** A step, or null for what is none. */
export function parseStep(data: string): ImportStep | null {
  const value = parseJson(data);
  if (!value || typeof value.stage !== "string" || !isCount(value.rows)) return null;
  return { stage: value.stage, rows: value.rows, total: isCount(value.rows_total) ? value.rows_total : null };
}

function statusOf(problem: string): number {
  const status = parseJson(problem)?.status;
  return isCount(status) && status >= 400 && status < 600 ? status : 500;
}
