import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { ActionsProvider } from "@/components/shell/actions-provider";
import { AskProvider } from "@/components/shell/ask-provider";
import { DeletionsProvider } from "@/components/history/deletions";
import { ApiProvider } from "@/components/shell/auth-provider";
import { ViewProvider } from "@/components/shell/view-provider";
import type { Library } from "@/hooks/use-library";
import { createApi } from "@/lib/api";
import type { Run, RunComparison, TradingModel } from "@/lib/types";
import { Dashboard } from "./dashboard";

const run = (id: number, run_number: number, name: string, currency: string, total_pnl: number): Run =>
  ({
    id,
    run_number,
    name,
    currency,
    model_name: "A",
    source: "csv",
    created_at: `2025-01-0${id}T00:00:00Z`,
    summary: { total_pnl, total_return: total_pnl / 10, max_drawdown: -5, win_rate: 50, trade_count: 4 },
  }) as Run;

const RUNS = [run(1, 3, "Grid", "USDT", -20), run(2, 5, "Momentum", "USDT", 30), run(3, 7, "Stocks", "USD", 5)];

const NOTHING = { items: [], next_cursor: null, points: [] };

/** As `GET /api/runs/compare` answers for the runs above. */
function comparison(path: string): RunComparison {
  const ids = new URLSearchParams(path.split("?")[1]).get("ids")!.split(",").map(Number);
  const compared = ids.map((id) => RUNS.find((each) => each.id === id)!);
  const figure = (unit: "money" | "pct", values: (number | null)[]) => ({
    unit,
    definition: "…",
    values,
    whys: values.map(() => null),
    low_sample: values.map(() => false),
  });
  return {
    runs: compared.map(({ id, run_number, name, currency }) => ({ run_id: id, run_number, name, currency })),
    figures: {
      total_pnl: figure(
        "money",
        compared.map(({ summary }) => summary.total_pnl),
      ),
      total_return: figure(
        "pct",
        compared.map(({ summary }) => summary.total_return),
      ),
    },
    settings_changed: [],
    trade_result: "net_pnl",
    trade_result_definition: "mean net P&L",
    differences: [],
    definitions: {},
    warnings: [],
  } as unknown as RunComparison;
}

function open(runs = RUNS) {
  const models = [{ id: 1, name: "A", ai_model: "offline/analyst", api_key_hint: null } as TradingModel];
  const library: Library = {
    models,
    runs,
    runsOf: () => runs,
    loading: false,
    error: null,
    refresh: () => undefined,
  };
  const answer = async (path: string) =>
    new Response(JSON.stringify(path.startsWith("/api/runs/compare") ? comparison(path) : NOTHING));
  const api = createApi({ getToken: async () => "t", onExpired: () => undefined, fetch: answer as typeof fetch });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider api={api}>
        <ViewProvider>
          <DeletionsProvider>
            <AskProvider>
              <ActionsProvider onMenu={() => undefined}>
                <Dashboard library={library} />
              </ActionsProvider>
            </AskProvider>
          </DeletionsProvider>
        </ViewProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
}

async function type(text: string): Promise<HTMLElement> {
  await userEvent.type(screen.getByTestId("dashboard-input"), `${text}{Enter}`);
  return screen.getAllByTestId("command-entry").at(-1)!;
}

beforeEach(() => window.history.replaceState(null, "", "/"));

it("show stats adds money up by currency", async () => {
  open();
  const entry = await type("show stats");
  expect(within(entry).getByTestId("stats-grid")).toHaveTextContent("+10.00 USDT");
  expect(within(entry).getByTestId("stats-grid")).toHaveTextContent("+5.00 USD");
});

it("list runs shows every run", async () => {
  open();
  const entry = await type("list runs");
  expect(within(entry).getAllByRole("row")).toHaveLength(RUNS.length + 1);
});

it("open run goes there; an unknown number lists what there is", async () => {
  open();
  const entry = await type("open run 9");
  expect(entry).toHaveTextContent("No run is number 9");
  expect(within(entry).getByTestId("run-table")).toBeInTheDocument();
  await type("open run 5");
  expect(window.location.search).toBe("?run=2");
});

it("compare marks the better of two runs, and no money across currencies", async () => {
  open();
  const same = await type("compare 3 and 5");
  const row = (entry: HTMLElement, name: RegExp) => within(entry).findByRole("row", { name });
  expect(await row(same, /Total P&L/)).toHaveTextContent("Total P&L−20.00 USDT▴ best 30.00 USDT");
  const mixed = await type("compare 5 and 7");
  expect(await row(mixed, /Total P&L/)).not.toHaveTextContent("best");
  expect(await row(mixed, /Total return/)).toHaveTextContent("best");
});

it("the arrow keys choose a completion, Enter runs it, and the arrow up key brings a command back", async () => {
  open();
  const box = screen.getByTestId("dashboard-input");
  await userEvent.type(box, "open mom");
  const option = within(screen.getByRole("listbox")).getByRole("option");
  expect(option).toHaveTextContent("open run 5");
  expect(box).not.toHaveAttribute("aria-activedescendant");
  await userEvent.keyboard("{ArrowDown}");
  expect(box).toHaveAttribute("aria-activedescendant", option.id);
  expect(option).toHaveAttribute("aria-selected", "true");
  await userEvent.keyboard("{Enter}");
  expect(window.location.search).toBe("?run=2");
  await userEvent.type(box, "{ArrowUp}");
  expect(box).toHaveValue("open run 5");
  await userEvent.clear(box);
  await userEvent.type(box, "lis{Tab}");
  expect(box).toHaveValue("list runs");
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
});

it("a table sorts by any column, and of thousands of runs only those in sight are in the document", async () => {
  open(Array.from({ length: 3000 }, (_, index) => run(index + 10, index + 1, `Run ${index}`, "USD", index % 700)));
  const table = within(await type("list runs")).getByTestId("run-table");
  expect(within(table).getAllByRole("row").length).toBeLessThan(100);
  expect(within(table).getByRole("table")).toHaveAttribute("aria-rowcount", "3001");
  await userEvent.click(within(table).getByTestId("sort-pnl"));
  expect(within(table).getByRole("columnheader", { name: "P&L" })).toHaveAttribute("aria-sort", "descending");
  expect(within(table).getAllByRole("row")[1]).toHaveTextContent("+699.00");
});

it("a file dropped on the box goes to the import", async () => {
  open();
  const file = new File(["a,b"], "trades.csv");
  fireEvent.drop(screen.getByTestId("dashboard-input"), { dataTransfer: { files: [file] } });
  expect(await screen.findByTestId("import-dialog")).toHaveTextContent("trades.csv");
});

it("compare with one known run says what is missing", async () => {
  open();
  expect(await type("compare 3 and 8")).toHaveTextContent("No run matches number 8.");
});

it("create model and import open their forms", async () => {
  open();
  await type("create model");
  expect(await screen.findByTestId("model-dialog")).toBeInTheDocument();
  await userEvent.keyboard("{Escape}");
  await type("import");
  expect(await screen.findByTestId("import-dialog")).toBeInTheDocument();
});

it("a question asks which run it is about, opens that, and is asked there", async () => {
  open();
  const entry = await type("why did I lose money");
  const rows = within(within(entry).getByTestId("which-run")).getByTestId("run-table");
  await userEvent.click(within(rows).getByRole("button", { name: /Momentum/ }));
  expect(window.location.search).toMatch(/^\?run=\d+&session=new$/);
});

it("what is no command is answered with help and a guess", async () => {
  open();
  const entry = await type("delete everything");
  expect(within(entry).getByTestId("command-help")).toBeInTheDocument();
  await userEvent.click(within(entry).getAllByRole("button", { name: "list runs" })[0]!);
  expect(screen.getAllByTestId("command-entry").at(-1)).toHaveTextContent("Momentum");
});
