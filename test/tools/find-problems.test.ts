import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { denied, front, type Instead } from "../support/front.ts";
import { openSession } from "../support/session.ts";

/** An answer without ages and the port of the leader. */
const plain = (text: string) =>
  steady(text)
    .replaceAll(/since (<1s|(\d+[dhms])+)/g, "since <age>")
    .replaceAll(/(10\.0\.1\.1\d):\d+/g, "$1:<port>");

async function find(session: { call: DemoSession["call"] }, args: object = {}): Promise<string> {
  const { text, isError } = await session.call("find_problems", { ...args });
  expect(isError, text).toBe(false);
  return plain(text);
}

describe("a cluster without jobs", () => {
  test("nothing is wrong, in two lines", async () => {
    const demo = await startDemoCluster({ clock: virtualClock(), seed: 1, jobs: false });
    const session = await openSession({ address: demo.address });
    expect(await find(session)).toMatchInlineSnapshot(`
      "Nothing wrong: 0 jobs, 3 nodes, leader 127.0.0.1:4647
      Looked at servers, nodes, jobs, allocations and deployments, in all namespaces."
    `);
    await session.close();
    await demo.stop();
  });
});

const seconds = (count: number) => count * 1e9;

describe("a cluster in trouble of every kind", () => {
  let session: DemoSession;
  beforeEach(async () => {
    session = await demoSession();
    const update = { MinHealthyTime: seconds(1), HealthyDeadline: seconds(20), ProgressDeadline: seconds(30) };
    const check = { Name: "alive", Type: "tcp", Interval: seconds(10), Timeout: seconds(2) };
    const service = { Name: "front-api", PortLabel: "http", Provider: "nomad", Checks: [check] };
    const Networks = [{ Mode: "host", DynamicPorts: [{ Label: "http" }] }];
    // Its check fails, and no deployment asks it.
    const asksNobody = { ...update, HealthCheck: "task_states" };
    await session.register(mockJob("front", {}, { Networks, Services: [service], Update: asksNobody }));
    await session.register(mockJob("waits", {}, { Update: { ...update, Canary: 1 } }));
    await session.register(mockJob("waits", { run_for: "2h" }, { Update: { ...update, Canary: 1 } }));
    await session.register(mockJob("rollout", {}, { Update: update }));
    await session.register(mockJob("rollout", { start_block_for: "20m" }, { Update: update }), 60);
    await session.register(mockJob("fine", {}, { Count: 2 }));
    await session.register(mockJob("too-many", {}, { Count: 900 }), 60);
  });
  afterEach(() => session.close());

  test("a check that fails while its job runs, and what waits, fails or finds no room", async () => {
    expect(await find(session)).toMatchInlineSnapshot(`
      "6 causes of trouble: 6 of 10 jobs affected, 3 nodes, leader 127.0.0.1:4647

      1. not starting: rollout
      2. crash looping: a task exits with code 1: checkout
      3. check alive of service front-api fails: nomad: dial tcp 10.0.1.11:<port>: connect: connection refused: front
      4. not placed, CPU is short: too-many
      5. canaries are healthy and wait for promotion: waits (version 1 since <age>)
      6. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train

      Next: 1: diagnose_job job_id=rollout; 2: diagnose_job job_id=checkout; 3: diagnose_job job_id=front"
    `);
  });

  test("list_nomad_jobs only_trouble lists the jobs that it names, in the same words", async () => {
    const told = await find(session, { namespace: "default" });
    const { text } = await session.call("list_nomad_jobs", { only_trouble: true });
    const rows = text
      .split("\n")
      .slice(3)
      .filter((line) => /^\S/.test(line));
    const causes = told.split("\n").flatMap((line) => /^\d+\. (.*)$/.exec(line)?.[1] ?? []);
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const [, id = "", , state = ""] = /^(\S+) +(service|batch) +(.*?) {2,}\d/.exec(plain(row)) ?? [];
      expect(
        causes.filter((cause) => cause.startsWith(state) && cause.includes(id)),
        row,
      ).toHaveLength(1);
    }
    for (const id of ["web", "fine", "cache", "nightly-report"])
      expect(`${told}\n${text}`).not.toMatch(new RegExp(`\\b${id}\\b`));
    const count = /: (\d+) of (\d+ jobs) affected/.exec(told);
    expect(text).toMatch(new RegExp(`^${count?.[1]} of ${count?.[2]} in trouble`));
  });
});

test("what failed twice and has run well since is healed", async () => {
  const session = await demoSession();
  const rescheduled = {
    RestartPolicy: { Attempts: 0, Interval: seconds(300), Delay: seconds(1), Mode: "fail" },
    ReschedulePolicy: { Unlimited: true, DelayFunction: "constant", Delay: seconds(5) },
    Update: { MaxParallel: 0 },
  };
  await session.register(mockJob("shaky", { run_for: "5s", exit_code: 3 }, rescheduled), 25);
  expect(await find(session)).toContain("crash looping: a task exits with code 3: shaky");
  await session.register(mockJob("shaky", { run_for: "2h" }, rescheduled), 90);
  expect(await find(session)).not.toContain("shaky");
  expect((await session.call("list_nomad_jobs", { only_trouble: true })).text).not.toContain("shaky");
  await session.close();
});

describe("the demo cluster", () => {
  let session: DemoSession;
  beforeEach(async () => {
    session = await demoSession();
  });
  afterEach(() => session.close());

  /** The answer where some requests are answered otherwise. */
  async function findBehind(instead: (url: URL) => Instead | undefined, args: object = {}): Promise<string> {
    const before = await front(session.demo.address, instead);
    const other = await openSession({ address: before.address });
    const text = await find(other, args);
    await other.close();
    await before.stop();
    return text;
  }

  test("as it starts: what fails, what finds no place, in how many requests", async () => {
    const told = session.demo.requests.length;
    expect(await find(session)).toMatchInlineSnapshot(`
      "2 causes of trouble: 2 of 5 jobs affected, 3 nodes, leader 127.0.0.1:4647

      1. crash looping: a task exits with code 1: checkout
      2. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train

      Next: 1: diagnose_job job_id=checkout; 2: diagnose_job job_id=ml-train"
    `);
    const fresh = session.demo.requests.slice(told);
    expect(fresh.length).toBeLessThanOrEqual(18);
  });

  test("a node that is down is one cause, with all its jobs", async () => {
    await session.register(
      mockJob(
        "pinned",
        {},
        {},
        { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-2", Operand: "=" }] },
      ),
    );
    session.demo.setNodeStatus("client-2", "down");
    await session.clock.advance(60_000);
    const told = session.demo.requests.length;
    const text = await find(session);
    expect(text).toMatchInlineSnapshot(`
      "3 causes of trouble: 3 of 6 jobs affected, 2 of 3 nodes take work, leader 127.0.0.1:4647

      1. node client-2 (dc1) is down since <age>: 4 jobs affected
         no place elsewhere, tied to it by a constraint: pinned
         moved to other nodes: checkout, web and billing (prod)
      2. crash looping: a task exits with code 1: checkout
      3. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train

      Next: 1: get_node_status node=client-2; 2: diagnose_job job_id=checkout; 3: diagnose_job job_id=ml-train"
    `);
    expect(session.demo.requests.length - told).toBeLessThanOrEqual(20);
  });

  test("a node that drains takes no jobs along that found another place", async () => {
    session.demo.drainNode("client-1");
    await session.clock.advance(600_000);
    expect(await find(session)).toMatchInlineSnapshot(`
      "3 causes of trouble: 2 of 5 jobs affected, 2 of 3 nodes take work, leader 127.0.0.1:4647

      1. crash looping: a task exits with code 1: checkout
      2. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train
      3. node client-1 (dc1) takes no new work: ineligible, drained <age>

      Next: 1: diagnose_job job_id=checkout; 2: diagnose_job job_id=ml-train"
    `);
  });

  test("a node that drains and what waits for it are one cause, before what never ran", async () => {
    const only = { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-1", Operand: "=" }] };
    await session.register(mockJob("ledger", {}, {}, only));
    session.demo.drainNode("client-1");
    await session.clock.advance(600_000);
    expect(await find(session)).toMatchInlineSnapshot(`
      "3 causes of trouble: 3 of 6 jobs affected, 2 of 3 nodes take work, leader 127.0.0.1:4647

      1. node client-1 (dc1) takes no new work: ineligible, drained <age>: 1 job waits for it
         no place elsewhere, tied to it by a constraint: ledger
      2. crash looping: a task exits with code 1: checkout
      3. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train

      Next: 1: set_node_eligibility node=client-1 eligible=true once its maintenance is over; 2: diagnose_job job_id=checkout; 3: diagnose_job job_id=ml-train"
    `);
  });

  test("batch work that a drain killed is no job that is done, until it is submitted anew", async () => {
    const work = (run_for: string) => mockJob("import", { run_for }, {}, { Type: "batch", Datacenters: ["dc2"] });
    await session.register(work("24h"));
    session.demo.drainNode("client-3");
    await session.clock.advance(3_700_000);
    session.demo.setEligibility("client-3", true);
    const told = await find(session);
    expect(told).toContain("\n1. killed by the drain of node client-3, and not run again by itself: import\n");
    expect(told).toContain("1: diagnose_job job_id=import");
    await session.register(work("23h"));
    expect(await find(session)).not.toContain("import");
  });

  test("a failed deployment is a cause of its own, with what of it is healthy", async () => {
    const quick = { Update: { MaxParallel: 1, MinHealthyTime: 1e9, HealthyDeadline: 5e9, ProgressDeadline: 10e9 } };
    for (const id of ["slow-a", "slow-b"])
      await session.register(mockJob(id, { run_for: "1h", start_block_for: "300ms" }, { Count: 2, ...quick }));
    for (const id of ["slow-a", "slow-b"])
      await session.register(mockJob(id, { run_for: "1h", start_block_for: "20m" }, { Count: 2, ...quick }), 12);
    expect(await find(session)).toMatchInlineSnapshot(`
      "4 causes of trouble: 4 of 7 jobs affected, 3 nodes, leader 127.0.0.1:4647

      1. crash looping: a task exits with code 1: checkout
      2. the deployment failed (progress deadline), 0 of 2 healthy: slow-b (version 1 since <age>)
      3. the deployment failed (progress deadline), 0 of 2 healthy: slow-a (version 1 since <age>)
      4. never placed, memory is short; a driver that it needs is missing or unhealthy: ml-train

      Next: 1: diagnose_job job_id=checkout; 2: diagnose_job job_id=slow-b; 3: diagnose_job job_id=slow-a"
    `);
  });

  test("causes that are left out are named by whom they hit", async () => {
    await session.register(mockJob("far", {}, {}, { Datacenters: ["mars"] }));
    expect(await find(session, { limit: 1 })).toMatchInlineSnapshot(`
      "3 causes of trouble: 3 of 6 jobs affected, 3 nodes, leader 127.0.0.1:4647

      1. crash looping: a task exits with code 1: checkout

      (2 lesser causes left out, of far and ml-train: limit=3 shows all)
      Next: 1: diagnose_job job_id=checkout"
    `);
  });

  test("jobs that lack the same are one cause", async () => {
    for (const id of ["big-a", "big-b"])
      await session.register(
        mockJob(
          id,
          {},
          { Tasks: [{ Name: "t", Driver: "mock_driver", Config: {}, Resources: { CPU: 20, MemoryMB: 900_000 } }] },
        ),
      );
    await session.register(mockJob("far", {}, {}, { Datacenters: ["mars"] }));
    const text = await find(session);
    expect(text).toContain("never placed, memory is short: 2 jobs: big-a and big-b\n");
    expect(text).toContain("never placed, no node in datacenter mars; ready nodes are in dc1 and dc2: far\n");
  });

  test("jobs that fail alike are one cause, which names the node where it is one", async () => {
    const pinned = { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-2", Operand: "=" }] };
    const policies = {
      RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" },
      ReschedulePolicy: { Attempts: 0, Unlimited: false },
    };
    for (const id of ["dead-a", "dead-b"])
      await session.register(mockJob(id, { run_for: "1s", exit_code: 7 }, policies, pinned));
    expect(await find(session)).toContain(
      "1. dead: a task exits with code 7, all on node client-2: 2 jobs: dead-a and dead-b\n",
    );
  });

  test("one namespace", async () => {
    expect(await find(session, { namespace: "prod" })).toMatchInlineSnapshot(`
      "Nothing wrong: 1 job, 3 nodes, leader 127.0.0.1:4647
      Looked at servers, nodes, jobs, allocations and deployments, of jobs only namespace prod."
    `);
  });

  test("servers that autopilot does not think well of, which Nomad says with a 429", async () => {
    const Servers = [
      { Name: "a", SerfStatus: "alive", Version: "2.0.5", Leader: true, Healthy: true, Voter: true, LastContact: "0s" },
      {
        Name: "b",
        SerfStatus: "failed",
        Version: "2.0.4",
        Leader: false,
        Healthy: false,
        Voter: true,
        LastContact: "1m",
      },
    ];
    const text = JSON.stringify({ FailureTolerance: 0, Healthy: false, Leader: "x", Servers, Voters: [] });
    let asked = 0;
    const answer = await findBehind(({ pathname }) => {
      if (pathname !== "/v1/operator/autopilot/health") return undefined;
      asked++;
      return { status: 429, text };
    });
    expect(answer).toContain("\n1. the servers are not healthy: b is failed; no other may fail\n");
    expect(answer).toContain("the servers run different versions: 2.0.4 and 2.0.5\n");
    expect(asked).toBe(1);
  });

  test("no leader: said at once, although every other read hangs", async () => {
    const answer = await findBehind(({ pathname }) => {
      if (pathname === "/v1/status/leader") return { status: 200, text: '""' };
      return pathname === "/v1/agent/members" ? undefined : { status: 500, text: "No cluster leader" };
    });
    expect(answer).toMatchInlineSnapshot(`
      "1 cause of trouble

      1. the servers have no leader: nothing is scheduled, read or changed

      Nothing else can be read until they have one.
      Next: 1: get_server_health"
    `);
  });

  test("a broker that is paused, and a driver that does not work", async () => {
    const nodes = await session.nomad<{ Name: string; Drivers: Record<string, object> }[]>("GET", "/v1/nodes");
    for (const node of nodes.slice(0, 2))
      node.Drivers.docker = { Detected: true, Healthy: false, HealthDescription: "no disk space left" };
    const answer = await findBehind(({ pathname }) => {
      if (pathname === "/v1/nodes") return { status: 200, text: JSON.stringify(nodes) };
      if (pathname !== "/v1/operator/scheduler/configuration") return undefined;
      return { status: 200, text: JSON.stringify({ SchedulerConfig: { PauseEvalBroker: true } }) };
    });
    expect(answer).toContain("\n1. the evaluation broker is paused: nothing is scheduled\n");
    const names = nodes
      .slice(0, 2)
      .map(({ Name }) => Name)
      .join(" and ");
    expect(answer).toContain(`driver docker is unhealthy (no disk space left) on ${names}\n`);
  });

  test("what the token may not see is one line, and the rest still answers", async () => {
    const answer = await findBehind(({ pathname }) =>
      /^\/v1\/(nodes|operator|agent)/.test(pathname) ? denied : undefined,
    );
    expect(answer).toMatch(/^\d+ causes? of trouble: \d+ of \d+ jobs affected, leader /);
    expect(answer.match(/^Not seen: .*$/m)?.[0]).toMatchInlineSnapshot(
      `"Not seen: nodes (the token needs node { policy = "read" }); the servers' health (the token needs operator { policy = "read" })."`,
    );
  });

  test("nothing that may be seen at all is an error", async () => {
    const before = await front(session.demo.address, () => denied);
    const other = await openSession({ address: before.address });
    const { text, isError } = await other.call("find_problems");
    expect([isError, text]).toEqual([true, expect.stringContaining("Permission denied")]);
    await other.close();
    await before.stop();
  });

  test("ten thousand jobs and more, of which some fail: 28 requests, 10 MB, and it says where it stopped", async () => {
    const [job, node, failed] = await Promise.all([
      session.nomad<object[]>("GET", "/v1/jobs?filter=ID==web"),
      session.nomad<object[]>("GET", "/v1/nodes"),
      session.nomad<object[]>("GET", '/v1/allocations?filter=ClientStatus=="failed"'),
    ]);
    const many: Record<string, { rows: object[]; count: number }> = {
      "/v1/jobs": { rows: job, count: 12_000 },
      "/v1/nodes": { rows: node, count: 500 },
      "/v1/allocations": { rows: failed, count: 50_000 },
    };
    let [requests, bytes] = [0, 0];
    const answer = await findBehind(({ pathname, searchParams }) => {
      requests++;
      const list = many[pathname];
      if (list === undefined) return undefined;
      const from = Number(searchParams.get("next_token") ?? 0);
      const to = Math.min(list.count, from + Number(searchParams.get("per_page")));
      const rows = Array.from({ length: to - from }, (_, index) => {
        const row = list.rows[index % list.rows.length];
        const stateless = searchParams.get("task_states") === "false" ? { TaskStates: null } : {};
        return { ...row, ID: `row-${from + index}`, ...stateless };
      });
      const text = JSON.stringify(rows);
      bytes += text.length;
      const headers = { "X-Nomad-NextToken": to < list.count ? String(to) : "" };
      return { status: 200, text, headers };
    });
    // How far it comes in its time is the machine's affair.
    expect(answer).toMatch(/ of \d+,[05]00 jobs affected, 500 nodes, /);
    expect(answer).toMatch(/^Not all was looked at: \d+,[05]00 of more jobs, /m);
    expect(requests).toBeLessThanOrEqual(28);
    expect(bytes).toBeLessThan(10e6);
  });
});

test("an operator's list of namespaces holds: nothing of the others is told", async () => {
  const demo = await startDemoCluster({ clock: virtualClock(), seed: 1 });
  const one = await openSession({ address: demo.address, namespaces: ["prod"], namespace: "prod" });
  expect(await find(one)).toMatch(/^Nothing wrong: 1 job, 3 nodes, /);
  expect((await one.call("search_nomad", { text: "check" })).text).toMatch(/^Nothing found for "check"/);
  expect((await one.call("search_nomad", { text: "bill" })).text).toMatch(/^"bill": 1 job and 1 job with it inside\n/);
  await one.close();
  const both = await openSession({ address: demo.address, namespaces: ["prod", "default"] });
  expect(await find(both)).toMatch(/^2 causes of trouble: 2 of 5 jobs affected, /);
  expect((await both.call("search_nomad", { text: "bill" })).text).toContain(
    "\n  billing  prod       service  running\n",
  );
  await both.close();
  await demo.stop();
});
