import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Tooltip } from "radix-ui";
import { beforeEach, expect, it } from "vitest";
import { ActionsProvider } from "@/components/shell/actions-provider";
import { ApiProvider } from "@/components/shell/auth-provider";
import { ViewProvider } from "@/components/shell/view-provider";
import type { Library } from "@/hooks/use-library";
import { createApi } from "@/lib/api";
import type { Run, TradingModel } from "@/lib/types";
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
  const answer = async () => new Response(JSON.stringify({ items: [], next_cursor: null }));
  const api = createApi({ getToken: async () => "t", onExpired: () => undefined, fetch: answer as typeof fetch });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider api={api}>
        <Tooltip.Provider>
          <ViewProvider>
            <ActionsProvider>
              <Dashboard library={library} />
            </ActionsProvider>
          </ViewProvider>
        </Tooltip.Provider>
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
  const row = (entry: HTMLElement, name: string) => within(entry).getByRole("row", { name: new RegExp(name) });
  expect(within(row(same, "P&L")).getByLabelText("best").parentElement).toHaveTextContent("+30.00 USDT");
  const mixed = await type("compare 5 and 7");
  expect(within(row(mixed, "P&L")).queryByLabelText("best")).toBeNull();
  expect(within(row(mixed, "Total return")).getByLabelText("best")).toBeInTheDocument();
});

it("compare with one known run says what is missing", async () => {
  open();
  expect(await type("compare 3 and 8")).toHaveTextContent("No run matches number 8.");
});

it("create model and import open their forms", async () => {
  open();
  await type("create model");
  expect(screen.getByTestId("model-dialog")).toBeInTheDocument();
  await userEvent.keyboard("{Escape}");
  await type("import");
  expect(screen.getByTestId("import-dialog")).toBeInTheDocument();
});

it("what is no command is answered with help and a guess", async () => {
  open();
  const entry = await type("why did I lose money");
  expect(within(entry).getByTestId("command-help")).toBeInTheDocument();
  await userEvent.click(within(entry).getAllByRole("button", { name: "list runs" })[0]!);
  expect(screen.getAllByTestId("command-entry").at(-1)).toHaveTextContent("Momentum");
});
