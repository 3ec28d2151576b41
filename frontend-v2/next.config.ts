import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

const BACKEND = "http://127.0.0.1:8000";

/**
 * A static export, served by the backend on its own origin. Only `next dev` needs to reach the API elsewhere;
 * compression is off there because it would hold a stream back until its buffer fills.
 */
export default function config(phase: string): NextConfig {
  const common: NextConfig = { reactStrictMode: true, images: { unoptimized: true }, devIndicators: false };
  if (phase !== PHASE_DEVELOPMENT_SERVER) return { ...common, output: "export" };
  return {
    ...common,
    compress: false,
    rewrites: async () =>
      ["api", "auth"].map((root) => ({ source: `/${root}/:path*`, destination: `${BACKEND}/${root}/:path*` })),
  };
}
