import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// .ci/run counts from the report that it names here.
const report = process.env.VITEST_REPORT;

/** A real agent is shared: what drains its nodes or pauses its scheduler would meet all that runs beside. */
const workers = (most: number) => (process.env.NOMAD_TEST_ADDR ? 1 : most);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    globalSetup: "test/support/folders.ts",
    ...(report && { reporters: ["default", ["json", { outputFile: report }]] }),
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["{test,packages/*/test}/**/*.test.ts"],
          // One more than there are cores: tests that start the program wait for it.
          maxWorkers: workers(availableParallelism() + 1),
          // A worker imports src/ once for all of its files, for that took most of their time.
          isolate: false,
          setupFiles: ["test/support/left-as-found.ts"],
        },
      },
      // Floods, megabytes, long fuzzing: minutes of them.
      {
        extends: true,
        test: {
          name: "hard",
          include: ["test/**/*.hard.ts"],
          maxWorkers: workers(availableParallelism()),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
