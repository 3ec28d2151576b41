/**
 * Marks the built scripts as compiled whole: Turbopack wraps every module in a function that runs later, so without a
 * mark V8 parses each twice, the second time on the main thread, and its cache holds none of them. See decision 0029.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";

const SCRIPTS = new URL("out/_next/static/chunks/", import.meta.url);
const MARK = "//# allFunctionsCalledOnLoad\n";
/** Bytes; what is smaller is compiled in no time. */
const LEAST = 30_000;

for (const name of (await readdir(SCRIPTS)).filter((file) => file.endsWith(".js"))) {
  const path = new URL(name, SCRIPTS);
  const script = await readFile(path, "utf8");
  if (script.length >= LEAST && !script.startsWith(MARK)) await writeFile(path, MARK + script);
}
