import { describe, expect, test } from "vitest";
import type { JobVersion, JobVersions } from "../../../../src/endpoints/jobs.ts";
import { changesTo, recentChange, workedBefore } from "../../../../src/nomad/jobs/diagnose/versions.ts";
import { historyOf, type Versions } from "../../../../src/nomad/jobs/versions/versions.ts";
import { recorded } from "../../../support/recorded-state.ts";

/** Version 0 worked, version 1 did not, version 2 is version 0 again. */
const body = historyOf(recorded<JobVersions>("auto-revert/versions.json").body);
const newest = () => {
  const [job] = body.versions;
  if (job === undefined) throw new Error("unreachable");
  return job;
};
const submitted = newest().SubmitTime / 1e6;
const minutes = 60_000;

/** The recorded versions, each changed by `edit`. */
function versions(edit: (version: JobVersion) => Partial<JobVersion>): Versions {
  return { ...body, versions: body.versions.map((version) => ({ ...version, ...edit(version) })) };
}

describe("what the version that fails changed", () => {
  test("against the last one that worked", () => {
    expect(changesTo(1, body, newest(), submitted + 5 * minutes)).toEqual([
      expect.stringMatching(/^version 1 \(\dm ago\) against version 0, which was stable:$/),
      "group api > task server > env VERSION: 1 -> 2",
      "group api > task server > config > run_for = 1h (removed)",
      "group api > task server > config > start_error = image pull failed: registry.example/app:9.9 not found (added)",
      "and 1 more",
    ]);
    expect(workedBefore(body, 1)?.Version).toBe(0);
  });

  test("nothing, where it worked for long and fails now", () => {
    expect(changesTo(2, body, newest(), submitted + 26 * 60 * minutes)).toEqual(["nothing in the job for 1d2h"]);
  });

  test("nothing is said of the first version of a young job, nor of one whose versions are not known", () => {
    expect(changesTo(0, body, newest(), submitted + minutes)).toEqual([]);
    expect(changesTo(2, undefined, newest(), submitted + minutes)).toEqual([]);
  });

  test("a stopped version is none that worked", () => {
    expect(
      workedBefore(
        versions(() => ({ Stop: true })),
        2,
      ),
    ).toBeUndefined();
  });

  test("a version that never was stable is compared with the one before only while that is news", () => {
    const never = versions(() => ({ Stable: false }));
    expect(changesTo(1, never, newest(), submitted + 5 * minutes)[0]).toMatch(
      /^version 1 \(\dm ago\) against version 0:$/,
    );
    expect(changesTo(1, never, newest(), submitted + 48 * 60 * minutes)).toEqual(["nothing in the job for 2d"]);
  });
});

test("the change of a job that is well is told for a day", () => {
  expect(recentChange(body, newest(), submitted + 5 * minutes)[0]).toBe("version 2 (5m ago):");
  expect(recentChange(body, newest(), submitted + 25 * 60 * minutes)).toEqual([]);
});
