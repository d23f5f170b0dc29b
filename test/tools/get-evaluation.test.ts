import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { first } from "../support/edit.ts";
import { serveRecorded } from "../support/recorded-server.ts";
import { type RecordedState, recordedState } from "../support/recorded-state.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

/** Asks about what was recorded of a job, as `edit` changes it. */
async function recorded(job: string, edit: (state: RecordedState) => void, args: Record<string, unknown>) {
  const state = recordedState(job);
  edit(state);
  const server = await serveRecorded(state);
  const over = await openSession({ address: server.address });
  const { text } = await over.call("get_evaluation", args);
  await over.close();
  server.close();
  return text;
}

const plain = (text: string) => steady(text).replaceAll(/\b[0-9a-f]{8}\b/g, "<id>");
const told = async (evaluation_id: string) => await session.call("get_evaluation", { evaluation_id });

/** An evaluation of a job, by what is asked of it. */
async function find(job: string, test: (evaluation: Evaluation) => boolean): Promise<Evaluation> {
  return first((await session.nomad<Evaluation[]>("GET", `/v1/job/${job}/evaluations`)).filter(test));
}

describe("an evaluation", () => {
  test("that is blocked: why, and what would let it place", async () => {
    const { ID } = await find("ml-train", ({ Status }) => Status === "blocked");
    const { text, isError } = await told(ID.slice(0, 8));
    expect(isError).toBe(false);
    expect(plain(text)).toMatchInlineSnapshot(`
      "evaluation <id> of ml-train (namespace default): blocked, 1 not placed; triggered by queued-allocs <age>
      Why: group train: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      Follows evaluation <id>
      Next: ask for less than 8,192 MB, or add a larger node; force_evaluate_job job_id=ml-train tries at once"
    `);
  });

  test("that could not place all: what became of the rest", async () => {
    const { ID } = await find("ml-train", ({ BlockedEval }) => Boolean(BlockedEval));
    expect(plain((await told(ID)).text)).toMatchInlineSnapshot(`
      "evaluation <id> of ml-train (namespace default): complete, 1 not placed; triggered by job-register <age>
      Why: group train: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      What was not placed waits in evaluation <id>
      Next: ask for less than 8,192 MB, or add a larger node; force_evaluate_job job_id=ml-train tries at once"
    `);
  });

  test("that placed what was asked", async () => {
    const { ID } = await find("web", ({ TriggeredBy }) => TriggeredBy === "job-register");
    expect(plain((await told(ID)).text)).toMatchInlineSnapshot(`
      "evaluation <id> of web (namespace default): complete, place 3; triggered by job-register (deployment <id>) <age>
      Next: get_job_status job_id=web says how the job is"
    `);
  });

  test("whose job was purged", async () => {
    await session.register(mockJob("gone"));
    const { ID } = await find("gone", () => true);
    await session.nomad("DELETE", "/v1/job/gone?purge=true");
    expect((await told(ID)).text).toMatch(
      /^evaluation \w{8} of gone .*\nIts job is there no more: it was purged, or Nomad has deleted it since it ended\.$/,
    );
  });
});

test("one that the scheduler does not take", async () => {
  const { ID } = first(recordedState("web").evaluations);
  const text = await recorded(
    "web",
    (state) => {
      state.now += 120_000;
      const taken = state.evaluations.filter((each) => each.ID === ID);
      for (const each of taken) Object.assign(each, { Status: "pending", FailedTGAllocs: null, PlanAnnotations: null });
    },
    { evaluation_id: ID },
  );
  expect(steady(text).split("\n")[0]).toMatch(
    /: pending, the scheduler has not taken it for (\d+[dhms])+; triggered by /,
  );
  expect(text).toContain("\nNext: get_job_status job_id=web says how the job is");
});

test("refused: what there is not, and what is the id of something else", async () => {
  expect((await told("web")).text).toBe(
    '"web" is not an evaluation id: those are hexadecimal, such as 4f2a9c31. That is a job: get_job_status job_id=web.',
  );
  const [deployment] = await session.nomad<{ ID: string }[]>("GET", "/v1/deployments");
  const id = deployment?.ID.slice(0, 8) ?? "";
  expect((await told(id)).text).toBe(
    `There is no evaluation that begins with ${id}. That is the id of a deployment: get_deployment_status deployment_id=${id}.`,
  );
});
