import { defineConfig } from "vitest/config";

// .ci/run counts from the report that it names here.
const report = process.env.VITEST_REPORT;

export default defineConfig({
  test: {
    include: ["{test,packages/*/test}/**/*.test.ts"],
    testTimeout: 20_000,
    ...(report && { reporters: ["default", ["json", { outputFile: report }]] }),
  },
});
