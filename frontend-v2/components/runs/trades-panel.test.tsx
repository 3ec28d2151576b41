import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { AskProvider } from "@/components/shell/ask-provider";
import { ApiProvider } from "@/components/shell/auth-provider";
import { ViewProvider } from "@/components/shell/view-provider";
import { createApi } from "@/lib/api";
import type { CheckedFigure, Run, Trade } from "@/lib/types";
import { TradesPanel } from "./trades-panel";

const RUN = { id: 7, model_id: 3, run_number: 2, version: 1, currency: "USDT" } as Run;
const trade = (trade_id: number): Trade =>
  ({
    trade_id,
    symbol: "BTC",
    side: "long",
    status: "closed",
    opened_at: "2025-01-01T00:00:00Z",
    closed_at: "2025-01-01T01:00:00Z",
    quantity: 1,
    entry_price: 10,
    exit_price: 9,
    gross_pnl: -1,
    fees: 0,
    funding: 0,
    net_pnl: -1,
    holding_seconds: 3600,
  }) as Trade;

function open(source: Record<string, unknown>) {
  const asked: string[] = [];
  const answer = async (path: string) => {
    asked.push(path);
    const items = path.includes("/trades") ? [trade(1), trade(2)] : [];
    return new Response(JSON.stringify({ items, points: [], next_cursor: null, total: 384, net_pnl: -384 }));
  };
  const api = createApi({ getToken: async () => "t", onExpired: () => undefined, fetch: answer as typeof fetch });
  const figure = { text: "-384.00", start: 0, end: 7, status: "verified", source } as CheckedFigure;
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ApiProvider api={api}>
        <ViewProvider>
          <AskProvider>
            <TradesPanel
              evidence={{ run: RUN, ids: [1, 2], title: figure.text, figure, tools: [] }}
              onClose={onClose}
            />
          </AskProvider>
        </ViewProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  const trades = () => asked.filter((path) => path.includes("/trades")).map((path) => new URL(path, "http://x").search);
  return { trades, onClose };
}

it("asks for all trades behind a figure, worst first, says how many there are and leads to the list", async () => {
  const behind = { filter_type: "losers", dimension: "hour", key: "13" };
  const { trades, onClose } = open({ tool: "analyze_trades", id: "a", path: "x", value: -384, trades: behind });
  expect(await screen.findByText(/384 trades, 2 shown/)).toBeTruthy();
  expect(trades()).toEqual(["?filter_type=losers&dimension=hour&key=13&sort=net_pnl&limit=50"]);
  await userEvent.click(screen.getByTestId("list-all-evidence"));
  expect(onClose).toHaveBeenCalled();
  const shown = new URLSearchParams(window.location.search);
  expect([shown.get("run"), shown.get("tab")]).toEqual(["7", "trades"]);
  expect(shown.get("trades")).toBe("filter_type=losers&dimension=hour&key=13");
});

it("shows the trades a figure names where no question answers them all", async () => {
  const { trades } = open({ tool: "analyze_trades", id: "a", path: "x", value: -1, trade_ids: [1, 2] });
  expect(await screen.findAllByTestId("trade-card")).toHaveLength(2);
  expect(trades()).toEqual(["?ids=1%2C2&limit=50"]);
  expect(screen.queryByTestId("list-all-evidence")).toBeNull();
});
