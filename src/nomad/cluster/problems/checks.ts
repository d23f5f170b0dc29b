import { gather } from "../../../text/gather.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { given } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import type { Problem } from "./problem.ts";

/** What was placed less than this ago, in ms, may still be starting. */
const startingTime = 60_000;

/** Jobs that run and have a check that fails; those together whose check says the same. */
export function checkProblems(look: JobsLook, jobs: Jobs): Problem[] {
  const failing = new Map<string, string>();
  for (const { allocation, results } of given(look.checks)?.asked ?? []) {
    const key = jobs.keyOf(allocation);
    const age = jobs.now - (fromNanoseconds(allocation.CreateTime) ?? jobs.now);
    if (key === undefined || jobs.isTold(key) || failing.has(key) || age < startingTime) continue;
    const result = results.find(({ Status }) => Status === "failure");
    if (result === undefined) continue;
    failing.set(key, `check ${result.Check} of service ${result.Service} fails: ${quotedLine(result.Output, 120)}`);
  }
  for (const key of failing.keys()) jobs.tell(key);
  return [...gather(failing, ([, sentence]) => sentence)].map(([sentence, group]) => ({
    rank: "failing",
    sentence,
    jobs: group
      .map(([key]) => key)
      .toSorted()
      .map(jobs.affected),
  }));
}
