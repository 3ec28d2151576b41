import { onDemand } from "@/components/ui/on-demand";
import { useAskRun } from "@/components/shell/ask-provider";
import { Skeleton } from "@/components/ui/skeleton";
import type { Library } from "@/hooks/use-library";
import { MOST_COMPARED } from "@/lib/compare";
import { COMMAND_HELP, matchRuns, type Command } from "@/lib/commands";
import type { Run } from "@/lib/types";
import { ModelCards } from "./model-cards";
import { RunTable } from "./run-table";
import { StatsGrid } from "./stats-grid";

const loading = () => <Skeleton className="h-32" />;
const CompareView = onDemand(() => import("./compare-view").then((module) => module.CompareView), loading);
const SessionList = onDemand(
  () => import("@/components/history/session-list").then((module) => module.SessionList),
  loading,
);

export interface CommandAnswerProps {
  command: Command;
  library: Library;
  onOpenRun: (run: Run) => void;
  onCommand: (text: string) => void;
}

const note = "text-[13px] text-ink-2";

function Help({ onCommand }: Pick<CommandAnswerProps, "onCommand">) {
  return (
    <ul data-testid="command-help" className="divide-y rounded-lg border bg-panel">
      {COMMAND_HELP.map(({ example, does }) => (
        <li key={example} className="flex items-center gap-4 px-3 py-1.5 text-[13px]">
          <button
            type="button"
            className="w-40 shrink-0 text-start font-mono text-xs text-accent-ink hover:underline"
            onClick={() => onCommand(example)}
          >
            {example}
          </button>
          <span className="text-ink-2">{does}</span>
        </li>
      ))}
    </ul>
  );
}

function OpenRun({
  command,
  library,
  onOpenRun,
}: CommandAnswerProps & { command: Extract<Command, { kind: "open_run" }> }) {
  const found = matchRuns(library.runs, command);
  const wanted = command.run === null ? `“${command.name ?? ""}”` : `number ${command.run}`;
  if (found.length === 1) return <p className={note}>Opening run #{found[0]?.run_number}.</p>;
  if (!found.length && command.run === null && !command.name)
    return <p className={note}>Which run? Try “open run 5”.</p>;
  if (!found.length)
    return (
      <p className={note}>
        No run is {command.run === null ? "called" : ""} {wanted}. These are yours:
      </p>
    );
  return (
    <div className="space-y-2">
      <p className={note}>Several runs match {wanted}. Choose one:</p>
      <RunTable runs={found} onOpen={onOpenRun} />
    </div>
  );
}

/** A question without a run: the reader says which. */
function WhichRun({ question, runs }: { question: string; runs: readonly Run[] }) {
  const askRun = useAskRun();
  if (!runs.length) return <p className={note}>There is no run to ask about yet. Import one first.</p>;
  return (
    <div className="space-y-2" data-testid="which-run">
      <p className={note}>Which run is this about? The one you choose opens, and is asked.</p>
      <RunTable runs={runs} onOpen={(run) => askRun(run.id, question)} />
    </div>
  );
}

function Compare({
  command,
  library,
  onOpenRun,
}: CommandAnswerProps & { command: Extract<Command, { kind: "compare" }> }) {
  const wanted = [
    ...command.runs.map((run) => ({ said: `number ${run}`, runs: matchRuns(library.runs, { run, name: null }) })),
    ...command.names.map((name) => ({ said: `“${name}”`, runs: matchRuns(library.runs, { run: null, name }) })),
  ];
  const found = [...new Set(wanted.flatMap(({ runs }) => runs))];
  // A name that several runs bear names none of them: nothing else is compared in its place.
  const unclear = wanted.find(({ runs }) => runs.length > 1);
  const missing = wanted.filter(({ runs }) => !runs.length).map(({ said }) => said);
  if (unclear)
    return (
      <div className="space-y-2">
        <p className={note}>Several runs match {unclear.said}. Name the one you mean by its number:</p>
        <RunTable runs={unclear.runs} onOpen={onOpenRun} />
      </div>
    );
  if (found.length < 2)
    return (
      <p className={note}>
        {missing.length ? `No run matches ${missing.join(" or ")}. ` : "Name two runs or more. "}
        Try “compare 3 and 5”, or the runs&apos; names.
      </p>
    );
  return (
    <div className="space-y-2">
      {missing.length ? <p className={note}>No run matches {missing.join(" or ")}.</p> : null}
      {found.length > MOST_COMPARED ? (
        <p className={note}>At most {MOST_COMPARED} runs are compared at once: these are the first of them.</p>
      ) : null}
      <CompareView runs={found.slice(0, MOST_COMPARED)} onOpen={onOpenRun} />
    </div>
  );
}

/** A command's answer, as figures in place. It follows the library, so it stays right when runs change. */
export function CommandAnswer(props: CommandAnswerProps) {
  const { command, library, onOpenRun, onCommand } = props;
  switch (command.kind) {
    case "stats":
      return <StatsGrid library={library} onOpenRun={onOpenRun} />;
    case "list_runs":
      return <RunTable runs={library.runs} onOpen={onOpenRun} />;
    case "list_models":
      return <ModelCards library={library} />;
    case "open_run":
      return (
        <div className="space-y-2">
          <OpenRun {...props} command={command} />
          {matchRuns(library.runs, command).length ? null : <RunTable runs={library.runs} onOpen={onOpenRun} />}
        </div>
      );
    case "compare":
      return <Compare {...props} command={command} />;
    case "conversations":
      return <SessionList search={command.search} runId={null} />;
    case "ask": {
      const named = command.run === null ? [] : matchRuns(library.runs, { run: command.run, name: null });
      return named.length === 1 ? (
        <p className={note}>Asking run #{command.run}.</p>
      ) : (
        <WhichRun question={command.question} runs={library.runs} />
      );
    }
    case "create_model":
      return <p className={note}>The form for a new strategy is open.</p>;
    case "import":
      return <p className={note}>Choose a file to import.</p>;
    case "help":
      return <Help onCommand={onCommand} />;
    case "unknown":
      return (
        <div className="space-y-2">
          <p className={note}>
            That is not a command here.{" "}
            {command.suggestion ? (
              <>
                Did you mean{" "}
                <button
                  type="button"
                  className="font-mono text-accent-ink hover:underline"
                  onClick={() => onCommand(command.suggestion ?? "help")}
                >
                  {command.suggestion}
                </button>
                ?{" "}
              </>
            ) : null}
            A question about a run can be asked here, in a sentence.
          </p>
          <Help onCommand={onCommand} />
        </div>
      );
  }
}
