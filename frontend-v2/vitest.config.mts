import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)) } },
  test: {
    globals: true,
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    exclude: ["node_modules/**", "out/**", ".next/**"],
    projects: [
      // Making a document costs more than most tests of plain functions; those that need one say so.
      { extends: true, test: { name: "functions", environment: "node", include: ["**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "components",
          environment: "jsdom",
          setupFiles: ["./vitest.setup.ts"],
          include: ["**/*.test.tsx"],
        },
      },
    ],
  },
});
