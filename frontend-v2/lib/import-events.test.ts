import { expect, it } from "vitest";
import { createImportReader, parseStep, type ImportStep } from "./import-events";

const STREAM =
  'id: 1\nevent: progress\ndata: {"stage":"reading","rows":4096,"rows_total":null}\n\n: ping\n\n' +
  'id: 2\nevent: progress\ndata: {"stage":"saving","rows":3,"rows_total":9}\n\n' +
  'id: 3\nevent: done\ndata: {"run":{"name":"Ünïcode"}}\n\n';

function read(...chunks: string[]) {
  const steps: ImportStep[] = [];
  const reader = createImportReader((step) => steps.push(step));
  chunks.forEach(reader.push);
  return { steps, ending: reader.ending() };
}

it("reads steps and the answer, wherever the text is cut", () => {
  const whole = read(STREAM);
  expect(whole).toEqual({
    steps: [
      { stage: "reading", rows: 4096, total: null },
      { stage: "saving", rows: 3, total: 9 },
    ],
    ending: { status: 200, body: '{"run":{"name":"Ünïcode"}}' },
  });
  for (let at = 0; at <= STREAM.length; at++) expect(read(STREAM.slice(0, at), STREAM.slice(at))).toEqual(whole);
});

it("a stream that is cut has no ending", () => {
  expect(read(STREAM.slice(0, -1)).ending).toBeNull();
  expect(read("").ending).toBeNull();
});

it("a refusal ends it with the status that it names", () => {
  const refused = 'event: error\ndata: {"status":413,"code":"too_large","detail":"Split the run."}\n\n';
  expect(read(refused).ending).toMatchObject({ status: 413 });
  expect(read("event: error\ndata: nonsense\n\n").ending).toMatchObject({ status: 500 });
  expect(read('event: error\ndata: {"status":200}\n\n').ending).toMatchObject({ status: 500 });
});

it.each(["", "null", "[]", "{", '{"stage":1,"rows":2}', '{"stage":"reading"}', '{"stage":"reading","rows":-1}'])(
  "takes %j for no step",
  (data) => expect(parseStep(data)).toBeNull(),
);

it("ignores events that it does not know", () => {
  expect(read('event: weather\ndata: {"stage":"reading","rows":1}\n\n')).toEqual({ steps: [], ending: null });
});
