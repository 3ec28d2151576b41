import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ROOMS = ["components", "hooks", "lib", "pages"];
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*)["']((?:@\/|\.{1,2}\/)[^"']+)["']/g;

type Graph = ReadonlyMap<string, readonly string[]>;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path));
}

const withoutEnding = (path: string): string => path.replace(/(\/index)?\.tsx?$/, "");

/** What each module of the page imports of the others: types and parts fetched on demand, too. */
function importGraph(): Graph {
  return new Map(
    ROOMS.flatMap(sources).map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      const imported = [...text.matchAll(IMPORT)].map(([, name = ""]) =>
        name.startsWith("@/") ? name.slice(2) : relative(ROOT, join(ROOT, dirname(path), name)),
      );
      return [withoutEnding(path), imported];
    }),
  );
}

/** The first way round from a module back to itself; null where there is none. */
function cycleIn(graph: Graph): string[] | null {
  const left = new Set<string>();
  const path: string[] = [];
  const walk = (name: string): string[] | null => {
    if (left.has(name)) return null;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    path.push(name);
    for (const next of graph.get(name) ?? []) {
      const found = walk(next);
      if (found) return found;
    }
    path.pop();
    left.add(name);
    return null;
  };
  for (const name of graph.keys()) {
    const found = walk(name);
    if (found) return found;
  }
  return null;
}

const room = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("components/") ? 2 : 1)
    .join("/");

/** Imports out of one room into others, `from` or below. */
const leaving = (graph: Graph, from: string, allowed: readonly string[]): string[] =>
  [...graph].flatMap(([name, imported]) =>
    name.startsWith(`${from}/`)
      ? imported.filter((other) => !allowed.includes(room(other))).map((other) => `${name} → ${other}`)
      : [],
  );

describe("the import graph of the page", () => {
  const graph = importGraph();

  it("is read: what is imported is there", () => {
    expect(graph.size).toBeGreaterThan(200);
    const edges = [...graph.values()].flat();
    expect(edges.filter((name) => !graph.has(name) && !/\.css$/.test(name))).toEqual([]);
  });

  it("has no cycle", () => expect(cycleIn(graph)).toBeNull());

  it("leads from nothing in lib to what draws", () => expect(leaving(graph, "lib", ["lib"])).toEqual([]));

  it("leads from the plain parts of the page to no part with a purpose", () =>
    expect(leaving(graph, "components/ui", ["lib", "hooks", "components/ui"])).toEqual([]));
});

it("a cycle is found, and a way that only meets itself is none", () => {
  expect(
    cycleIn(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
  ).toEqual(["b", "c", "b"]);
  expect(
    cycleIn(
      new Map([
        ["a", ["b", "c"]],
        ["b", ["d"]],
        ["c", ["d"]],
        ["d", []],
      ]),
    ),
  ).toBeNull();
});
