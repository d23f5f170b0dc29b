// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { HttpResponse, http, type RequestHandler } from "msw";
import { describe, expect, test } from "vitest";
import { evaluation, first, goTime } from "../support/edit.ts";
import { address, type RecordedState, recorded, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

/** The answer about the job of a recorded folder, and what it asked Nomad for. */
async function evaluations(
  folder: string,
  edit?: (state: RecordedState) => void,
  more: Record<string, unknown> = {},
  extra: RequestHandler[] = [],
) {
  const job = { job_id: "", namespace: "" };
  const seen = recordedNomad({
    job: folder,
    extra,
    edit(state) {
      edit?.(state);
      Object.assign(job, { job_id: state.job.ID, namespace: state.job.Namespace });
    },
  });
  const session = await openSession({ address });
  const { text, isError } = await session.call("get_job_evaluations", { ...job, ...more });
  await session.close();
  return { text, isError, seen, top: text.split("\n").slice(0, 2).join("\n") };
}

describe("why it is not placed, in the first two lines", () => {
  test("windows-only", async () => {
    const { text, top } = await evaluations("windows-only");
    expect(top).toContain("1 allocation cannot be placed");
    expect(top).toContain("${attr.kernel.name} = windows");
    // Two evaluations carry the same reason (recorded surprise 8).
    expect(text.split("Why:")).toHaveLength(2);
    expect(text).toMatchInlineSnapshot(`
      "windows-only (namespace default): 1 allocation cannot be placed; Nomad tries again by itself when the cluster changes
      Why: the constraint \${attr.kernel.name} = windows rules out 1 of 1 node: nodes have linux
      Next: change or drop the constraint \${attr.kernel.name} = windows, or add a node that meets it; force_evaluate_job job_id=windows-only tries at once

      evaluation  created  triggered by   status    outcome
      60269dc5    2s ago   queued-allocs  blocked   1 not placed
      2bc83cfb    2s ago   job-register   complete  1 not placed"
    `);
  });

  test("too-big", async () => {
    const { text, top } = await evaluations("too-big");
    expect(top).toContain("900,000 MB of memory");
    expect(top).toContain("8,192 MB");
    expect(text).toMatchInlineSnapshot(`
      "too-big (namespace default): 1 allocation cannot be placed; Nomad tries again by itself when the cluster changes
      Why: no node has 900,000 MB of memory for task server; 1 of 1 node is too small, the largest has 8,192 MB
      Next: ask for less than 8,192 MB, or add a larger node; force_evaluate_job job_id=too-big tries at once

      evaluation  created  triggered by   status    outcome
      005f0af0    2s ago   queued-allocs  blocked   1 not placed
      5c440e00    2s ago   job-register   complete  1 not placed"
    `);
  });

  test("no-driver", async () => {
    expect((await evaluations("no-driver")).text).toMatchInlineSnapshot(`
      "no-driver (namespace default): 1 allocation cannot be placed; Nomad tries again by itself when the cluster changes
      Why: the driver podman is missing or unhealthy on 1 of 1 node; there are mock_driver and raw_exec
      Next: use another driver, or get podman running on a node; force_evaluate_job job_id=no-driver tries at once

      evaluation  created  triggered by   status    outcome
      77b73dd1    2s ago   queued-allocs  blocked   1 not placed
      547bb08d    2s ago   job-register   complete  1 not placed"
    `);
  });

  test("wrong-dc", async () => {
    expect((await evaluations("wrong-dc")).text).toMatchInlineSnapshot(`
      "wrong-dc (namespace default): 1 allocation cannot be placed; Nomad tries again by itself when the cluster changes
      Why: no node in datacenter dc-nowhere; ready nodes are in dc1
      Next: set datacenters to dc1; force_evaluate_job job_id=wrong-dc tries at once

      evaluation  created  triggered by   status    outcome
      b1c2db5f    2s ago   queued-allocs  blocked   1 not placed
      8a16145b    2s ago   job-register   complete  1 not placed"
    `);
  });

  test("port-clash: without the evaluations of the earlier job of the same name", async () => {
    const { text, top } = await evaluations("port-clash");
    expect(top).toContain("28090");
    expect(text).toMatchInlineSnapshot(`
      "port-clash (namespace default): 1 allocation cannot be placed; Nomad tries again by itself when the cluster changes
      Why: port 28090 (http) is taken on 1 of 1 node
      Next: use a dynamic port for http, or lower the count, or free port 28090; force_evaluate_job job_id=port-clash tries at once

      evaluation  created  triggered by        status    outcome
      86bdd057    2s ago   queued-allocs       blocked   1 not placed
      c1cb9d0e    3s ago   deployment-watcher  complete  1 not placed
      c520c4a5    5s ago   queued-allocs       canceled  1 not placed, existing blocked evaluation exists for job "port-clash"
      0b88c3fe    5s ago   job-register        complete  1 not placed, place 2"
    `);
  });
});

describe("nothing to place", () => {
  test("web", async () => {
    const { text } = await evaluations("web");
    expect(text).not.toMatch(/Why|Next/);
    expect(text).toMatchInlineSnapshot(`
      "web (namespace default): nothing is waiting to be placed

      evaluation  created  triggered by        status    outcome
      1a83d7e5    3s ago   deployment-watcher  complete  nothing to do
      981b18b4    5s ago   job-register        complete  place 3"
    `);
  });

  test("crash-loop: what triggered each, newest first", async () => {
    const { text } = await evaluations("crash-loop");
    const triggers = ["alloc-reschedule", "alloc-failure", "deployment-watcher", "job-register"];
    expect([...text.matchAll(/alloc-\w+|deployment-watcher|job-register/g)].map(([word]) => word)).toEqual(triggers);
    expect(text).toMatchInlineSnapshot(`
      "crash-loop (namespace default): nothing is waiting to be placed

      evaluation  created  triggered by        status    outcome
      c6c7b891    7s ago   alloc-reschedule    complete  place 1 and stop 1
      6b242c21    7s ago   alloc-failure       complete  reschedule later 1
      814ab59a    11s ago  deployment-watcher  complete  nothing to do
      e04bff6b    13s ago  job-register        complete  place 1"
    `);
  });

  test("failed-update: nothing is placed any more, since the deployment failed", async () => {
    const { text, top } = await evaluations("failed-update");
    expect(top).toContain("deployment");
    expect(top).toContain("failed");
    expect(text).toMatchInlineSnapshot(`
      "failed-update (namespace default): the deployment of version 1 has failed, so nothing more is placed: get_job_status says why

      evaluation  created  triggered by        status    outcome
      7eedee44    2s ago   deployment-watcher  complete  nothing to do
      4c38e3d1    7s ago   job-register        complete  replace 1
      e2f7785d    7s ago   deployment-watcher  complete  nothing to do
      c90b67f2    9s ago   job-register        complete  place 1"
    `);
  });

  test("a delayed one: for how long", async () => {
    const { text } = await evaluations("deployment-lies", (state) => {
      evaluation(state, { TriggeredBy: "alloc-reschedule", Status: "pending", WaitUntil: goTime(state, -90) });
    });
    expect(text).toContain("waits 1m30s");
  });

  test("one that the scheduler gave up: in Nomad's words", async () => {
    // As a real agent sent it after a node had come back.
    const { text } = await evaluations("web", (state) => {
      const said = "maximum attempts reached (5)";
      evaluation(state, { TriggeredBy: "reconnect", Status: "failed", StatusDescription: said });
    });
    expect(text).toContain("maximum attempts reached (5)");
  });

  test("not yet taken", async () => {
    const { top } = await evaluations("web", (state) => {
      evaluation(state, { Status: "pending" });
    });
    expect(top).toContain("has not taken");
  });

  test("a parent has none of its own", async () => {
    expect((await evaluations("nightly")).text).toMatchInlineSnapshot(
      `"nightly (namespace default): no evaluations: its children have them, not the job itself"`,
    );
  });

  test("none kept", async () => {
    const { text } = await evaluations("web", (state) => void state.evaluations.splice(0));
    expect(text).toMatchInlineSnapshot(
      `"web (namespace default): no evaluations are kept (Nomad forgets them after an hour); the job's present state does not need one"`,
    );
  });
});

test("a limit is one, and what it leaves out is said", async () => {
  const { text, seen } = await evaluations("crash-loop", undefined, { limit: 2 });
  expect(text).toContain("left out");
  expect(text).not.toContain("job-register");
  expect(seen.find(({ path }) => path === "/v1/evaluations")?.query.get("per_page")).toBe("2");
});

test("costs three requests, one for the nodes, and one for each node whose attributes tell something", async () => {
  expect((await evaluations("too-big")).seen).toHaveLength(4);
  expect((await evaluations("windows-only")).seen).toHaveLength(5);
});

test("a token that may not read nodes: the sentence says less, and the answer stands", async () => {
  const denied = recorded<string>("acl/reader-nodes.json");
  const nodes = http.get(`${address}/v1/nodes`, () => new HttpResponse(denied.body, { status: denied.status }));
  const { text, isError } = await evaluations("too-big", undefined, {}, [nodes]);
  expect(isError).toBe(false);
  expect(text).toContain("900,000 MB of memory");
  expect(text).not.toContain("largest");
});

test("several groups are told apart", async () => {
  const { text } = await evaluations("too-big", (state) => {
    const group = first(state.job.TaskGroups);
    state.job.TaskGroups?.push({ ...group, Name: "worker" });
    for (const { FailedTGAllocs: failed } of state.evaluations) {
      const metric = failed?.api;
      if (failed && metric) failed.worker = { ...metric, DimensionExhausted: { cpu: 1 }, CoalescedFailures: 2 };
    }
  });
  expect(text).toMatch(/group api.*memory/);
  expect(text).toMatch(/group worker \(3\).*CPU/);
});

describe("a job that is not there", () => {
  test("the nearest names", async () => {
    recordedNomad({ job: "web" });
    const session = await openSession({ address });
    const { text, isError } = await session.call("get_job_evaluations", { job_id: "Web" });
    await session.close();
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"There is no job "Web" in namespace default. Nearest: web."`);
  });

  test("in another namespace: answered, and said", async () => {
    const { text, isError } = await evaluations("stop", undefined, { namespace: "default" });
    expect(isError).toBe(false);
    expect(text.split("\n")[0]).toContain("namespace prod");
  });
});
