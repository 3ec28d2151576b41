/** The shapes of the HTTP API, as docs/api.md states them. Money is in the run's currency, `pct` in percent, times UTC. */

export type * from "./analysis";
export type * from "./chat";
export type * from "./common";
export type * from "./imports";
export type * from "./models";
export type * from "./runs";
export type * from "./trades";
