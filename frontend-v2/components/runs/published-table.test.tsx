import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { expect, it, vi } from "vitest";
import type { PublishedRow, Run } from "@/lib/types";
import { PublishedTable } from "./published-table";

const { published } = vi.hoisted(() => ({ published: vi.fn() }));
vi.mock("@/components/shell/auth-provider", () => ({ useApi: () => ({ runs: { published } }) }));

const RUN = { id: 3, model_id: 1, version: 1, source: "freqtrade", currency: "USDT" } as Run;
const EXACT: PublishedRow = {
  name: "profit_total_abs",
  published: 5870.282,
  figure: "net_pnl",
  ours: 5870.282,
  difference: 0,
  unit: "money",
  agrees: true,
  why: null,
  definition: "Closed trades.",
};
const CAGR: PublishedRow = {
  ...EXACT,
  name: "cagr",
  figure: "cagr",
  unit: "pct",
  published: -32.55,
  ours: -31.75,
  difference: 0.8,
  agrees: false,
  why: "365 days a year.",
};
const UNKNOWN: PublishedRow = {
  ...EXACT,
  name: "csum_max",
  published: 996.4,
  figure: null,
  ours: null,
  difference: null,
  unit: null,
  agrees: null,
  definition: null,
};

function show(rows: PublishedRow[]) {
  published.mockResolvedValue({ source: "freqtrade", currency: "USDT", rows });
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <Tooltip.Provider>
        <PublishedTable run={RUN} />
      </Tooltip.Provider>
    </QueryClientProvider>,
  );
}

it("shows theirs and ours in our unit, what agrees, and why the rest does not", async () => {
  show([EXACT, CAGR, UNKNOWN]);
  const rows = await screen.findAllByTestId("published-row");
  expect(rows).toHaveLength(2);
  expect(within(rows[0]!).getAllByText("5,870.28")).toHaveLength(2);
  expect(within(rows[0]!).getByText("agrees")).toBeInTheDocument();
  expect(within(rows[1]!).getByText("−32.55%")).toBeInTheDocument();
  expect(within(rows[1]!).getByText("differs")).toBeInTheDocument();
  expect(screen.getByText("365 days a year.")).toBeInTheDocument();
  expect(screen.getByText("1 of 2 figures agree")).toBeInTheDocument();
  expect(screen.getByText(/1 more figure that Rundown does not compute/)).toBeInTheDocument();
});

it("shows nothing where the source published nothing", async () => {
  const { container } = show([]);
  await vi.waitFor(() => expect(published).toHaveBeenCalled());
  expect(container).toBeEmptyDOMElement();
});
