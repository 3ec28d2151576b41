/** What the chart library's licence asks to be said, below the chart in place of a logo on top of it. */
export function ChartCredit() {
  return (
    <p className="text-end text-[0.6875rem] text-ink-3">
      <a
        href="https://www.tradingview.com/"
        target="_blank"
        rel="noreferrer"
        className="underline-offset-2 hover:underline"
      >
        TradingView Lightweight Charts™
      </a>{" "}
      © 2026 TradingView, Inc.
    </p>
  );
}
