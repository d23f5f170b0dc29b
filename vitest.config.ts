import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// .ci/run counts from the report that it names here.
const report = process.env.VITEST_REPORT;

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // A real agent is shared: what drains its nodes or pauses its scheduler would meet all that runs beside.
    maxWorkers: process.env.NOMAD_TEST_ADDR ? 1 : availableParallelism(),
    ...(report && { reporters: ["default", ["json", { outputFile: report }]] }),
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["{test,packages/*/test}/**/*.test.ts"],
          // A worker imports src/ once for all of its files, for that took most of their time.
          isolate: false,
          setupFiles: ["test/support/left-as-found.ts"],
        },
      },
      // Floods, megabytes, long fuzzing: minutes of them.
      { extends: true, test: { name: "hard", include: ["test/**/*.hard.ts"] } },
    ],
  },
});
