import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../../src/endpoints/deployments.ts";
import type { Evaluation } from "../../../../src/endpoints/evaluations.ts";
import type { Job } from "../../../../src/endpoints/job.ts";
import { follow } from "../../../../src/nomad/jobs/change/follow.ts";
import { NomadClient } from "../../../../src/nomad-client.ts";
import { answerText } from "../../../../src/text/answer.ts";
import { steady } from "../../../support/demo-session.ts";
import { address, type RecordedState, recorded, recordedNomad } from "../../../support/recorded.ts";
import { rendered } from "../../../support/steps.ts";

const changed = "11111111-2222-3333-4444-555555555555";
const next = "66666666-7777-8888-9999-000000000000";

function client(namespace = "default"): NomadClient {
  return new NomadClient({ base: address, namespace, readOnly: false, fetch });
}

interface Case {
  readonly edit?: (state: RecordedState) => void;
  /** What `/v1/evaluation/:id` answers, by id. */
  readonly evaluations?: Record<string, Partial<Evaluation> | Response | Promise<Response>>;
  readonly seconds?: number;
  readonly evaluationId?: string;
}

/** Follows the change that led to the state of a recorded folder. */
async function followed(folder: string, { edit, evaluations = {}, seconds = 30, evaluationId = changed }: Case = {}) {
  const held: { job?: Job; now?: number } = {};
  recordedNomad({
    job: folder,
    edit(state) {
      edit?.(state);
      Object.assign(held, { job: state.job, now: state.now });
    },
    extra: [
      http.get(`${address}/v1/evaluation/:id`, ({ params }) => {
        const answer = evaluations[String(params.id)] ?? {};
        if (answer instanceof Response || answer instanceof Promise) return answer;
        const made = { CreateTime: ((held.now ?? 0) - 14_000) * 1e6, CreateIndex: 1 };
        const evaluation = { ID: params.id, JobID: held.job?.ID, Status: "complete", ...made, ...answer };
        return HttpResponse.json(evaluation, {
          headers: { "X-Nomad-Index": "220", Date: new Date(held.now ?? 0).toUTCString() },
        });
      }),
      http.get(`${address}/v1/deployment/:id`, () =>
        HttpResponse.json(
          { ...recorded<Deployment>(`${folder}/deployment.json`).body },
          { headers: { "X-Nomad-Index": "220" } },
        ),
      ),
    ],
  });
  const said: string[] = [];
  const answer = await follow(client(held.job?.Namespace), {
    jobId: held.job?.ID ?? "",
    evaluationId,
    until: Date.now() + seconds * 1000,
    report: (message) => said.push(message),
  });
  const text = steady(rendered(answerText(answer), true));
  return { text, top: text.split("\n").slice(0, 2).join("\n"), said };
}

describe("the verdict of what was recorded, with its cause", () => {
  test("web: it runs", async () => {
    expect((await followed("web")).text).toMatchInlineSnapshot(
      `"running: 3 of 3 healthy (no check: ran for 1s) after <span>"`,
    );
  });

  test.each([
    ["crash-loop", /^crash looping: .*\nWhy: worker\[0\].*exits with code 1, 3 times in 4s/],
    ["oom", /^dead: .*\nWhy: .*killed by signal 9/],
    ["deployment-lies", /^dead: .*\nWhy: .*exits with code/],
    ["start-error", /^(dead|failed): .*\nWhy: .*cannot be started/],
    ["failed-update", /^failed after <span>: .*version 1.*version 0 ran before.*\nWhy: /],
    ["auto-revert", /^rolled back: version 1 failed .*version 0 runs again as version 2/],
    ["canary-waiting", /^waiting for promotion: /],
    ["windows-only", /^not placed: .*\nWhy: the constraint .*windows/],
    ["too-big", /^not placed: .*\nWhy: .*memory/],
    ["no-driver", /^not placed: .*\nWhy: the driver/],
    ["wrong-dc", /^not placed: .*\nWhy: .*datacenter/],
    ["port-clash", /^degraded: .*not placed.*\nWhy: .*port/],
    ["batch-fail", /^failed: .*\nWhy: .*exits with code/],
    ["batch-ok", /^complete: 1 of 1 finished/],
    ["multi", /^still deploying after <span>: 1 of 1 healthy; get_job_status job_id=multi/],
    ["agent-log", /^still deploying after <span>: 1 of 1 node/],
    ["stop", /^stopped /],
  ])("%s", async (folder, verdict) => {
    expect((await followed(folder)).top).toMatch(verdict);
  });
});

describe("jobs of which nothing is started", () => {
  test("periodic: the next launch", async () => {
    const edit = (state: RecordedState) => {
      state.nextLaunch = new Date(state.now + 5 * 3_600_000).toISOString();
    };
    expect((await followed("nightly", { evaluationId: "", edit })).text).toMatchInlineSnapshot(
      `"registered: next launch in 5h (2026-11-21T00:49:05Z), cron "0 3 * * *" UTC; last run nightly/periodic-1795204142 finished, started <age>, version 0"`,
    );
  });

  test("periodic, where a plan is denied: the schedule", async () => {
    expect((await followed("nightly", { evaluationId: "" })).text).toMatchInlineSnapshot(
      `"registered: periodic, cron "0 3 * * *" UTC; last run nightly/periodic-1795204142 finished, started <age>, version 0"`,
    );
  });

  test("parameterized: what a dispatch needs", async () => {
    expect((await followed("resize", { evaluationId: "" })).text).toMatchInlineSnapshot(
      `"registered: parameterized, runs when dispatched with meta image_id (dispatch_job job_id=resize); last run resize/dispatch-1795204142-7b3bc30f finished, started <age>, version 0"`,
    );
  });
});

describe("evaluations", () => {
  test("no time: not followed", async () => {
    expect((await followed("web", { seconds: 0 })).text).toMatchInlineSnapshot(
      `"not followed: evaluation 11111111; get_job_status job_id=web says how it ends"`,
    );
  });

  test("the scheduler has not taken it", async () => {
    const { text } = await followed("web", { evaluations: { [changed]: { Status: "pending" } } });
    expect(text).toMatchInlineSnapshot(
      `"the scheduler has not taken it yet: evaluation 11111111 is pending after <span>; get_job_status job_id=web says how it ends"`,
    );
  });

  test("superseded: the newest one of the job is followed", async () => {
    const evaluations = {
      [changed]: { Status: "canceled" as const, StatusDescription: "canceled after more recent eval" },
    };
    expect((await followed("web", { evaluations })).text).toMatchInlineSnapshot(
      `"running: 3 of 3 healthy (no check: ran for 1s) after <span>"`,
    );
  });

  test("given up, and tried again later", async () => {
    const evaluations = {
      [changed]: {
        Status: "failed" as const,
        StatusDescription: "evaluation reached delivery limit (3)",
        NextEval: next,
      },
      [next]: { Status: "pending" as const, WaitUntil: "2026-11-20T19:55:00Z" },
    };
    expect((await followed("web", { evaluations })).text).toMatchInlineSnapshot(
      `"the scheduler has not taken it yet: evaluation 66666666 is pending after <span>, due at 2026-11-20T19:55:00Z; get_job_status job_id=web says how it ends"`,
    );
  });

  test("given up for good", async () => {
    const evaluations = { [changed]: { Status: "failed" as const, StatusDescription: "maximum attempts reached (5)" } };
    expect((await followed("web", { evaluations })).text).toMatchInlineSnapshot(`
      "failed: the scheduler gave evaluation 11111111 up (maximum attempts reached (5))
      Next: force_evaluate_job job_id=web"
    `);
  });

  test("a fault on the way does not hide that the change was made", async () => {
    const evaluations = { [changed]: new HttpResponse("Permission denied", { status: 403 }) };
    expect((await followed("web", { evaluations })).text).toMatchInlineSnapshot(`
      "what became of it is not known; get_job_status job_id=web says how it ends
      GET /v1/evaluation/11111111-2222-3333-4444-555555555555 failed: 403 Permission denied
      No token is set (NOMAD_TOKEN), and this needs one.
      The token needs the capability read-job in namespace default:
        namespace "default" { capabilities = ["read-job"] }"
    `);
  });
});

test("a Nomad that does not answer in the time", async () => {
  const evaluations = { [changed]: new Promise<Response>(() => undefined) };
  expect((await followed("web", { evaluations, seconds: 1 })).text).toMatchInlineSnapshot(`
    "what became of it is not known; get_job_status job_id=web says how it ends
    Nomad answers too slowly to follow it"
  `);
});

test("what is waited for says where it is, as people would watch it", async () => {
  const { said } = await followed("web", {
    edit({ deployments, allocations }) {
      const [deployment] = deployments;
      if (deployment) Object.assign(deployment, { Status: "running", StatusDescription: "Deployment is running" });
      const pulling = { Type: "Driver", Time: 1, DisplayMessage: "Downloading image", Details: {} };
      const server = { State: "pending", Failed: false, Restarts: 0, Events: [pulling] };
      for (const allocation of allocations.slice(1)) {
        const states = { ClientStatus: "pending", DeploymentStatus: null, TaskStates: { server } };
        Object.assign(allocation, { ...states, NodeName: "node-2" });
      }
    },
  });
  expect(said).toContain("placing 3 of 3 · node-2: Downloading image · healthy 3 of 3");
});

test("the time is over: how far it came, and where its end is to be read", async () => {
  const { text, said } = await followed("web", {
    edit({ deployments, allocations, summary }) {
      const [deployment] = deployments;
      if (deployment) Object.assign(deployment, { Status: "running", StatusDescription: "Deployment is running" });
      for (const allocation of allocations.slice(1))
        Object.assign(allocation, { ClientStatus: "pending", DeploymentStatus: null });
      Object.assign(summary.Summary?.api ?? {}, { Running: 1, Starting: 2 });
    },
  });
  expect(text).toMatchInlineSnapshot(`
    "still deploying after <span>: 1 of 3 healthy; get_job_status job_id=web says how it ends
    Why: api[2] (d43f2a12 on dev-1): task server has not started for 5s (Started: Task started by client); 1 other alike"
  `);
  expect(said).toContain("placing 3 of 3 · healthy 3 of 3");
});
