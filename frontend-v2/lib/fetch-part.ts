import { reportAnswer } from "./connection";

const TRY_EVERY_MS = 5_000;
/** So often a server that answers may fail to have a part: then it was updated, and the page has to be loaded again. */
const REFUSALS = 2;

async function serverAnswers(): Promise<boolean> {
  try {
    await fetch("/healthz", { cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

const nextTry = (): Promise<void> =>
  new Promise((done) => {
    const go = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      done();
    };
    const timer = setTimeout(go, TRY_EVERY_MS);
    window.addEventListener("online", go);
  });

/**
 * Code that is fetched on demand. While the line is gone it is waited for, with what stands on the page left alone;
 * rejects only where the server answers and still does not have it.
 */
export async function fetchPart<Part>(load: () => Promise<Part>): Promise<Part> {
  for (let refusals = 0; ;) {
    try {
      return await load();
    } catch (failure) {
      const answers = await serverAnswers();
      reportAnswer(answers);
      if (!answers) await nextTry();
      else if (++refusals >= REFUSALS) throw failure;
    }
  }
}
