import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { HttpResponse, http } from "msw";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AgentMembers, Autopilot } from "../../src/endpoints/operator.ts";
import { demoSession } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";
import { fillUp, type Size } from "../support/large-cluster.ts";
import { address, recorded, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

const get = (path: string, body: unknown, status = 200) =>
  http.get(`${address}${path}`, () =>
    typeof body === "string" && status !== 200
      ? HttpResponse.text(body, { status })
      : HttpResponse.json(body as object, { status }),
  );

const addresses = (names: readonly string[]) =>
  recorded<AgentMembers>("operator/members-failed.json").body.Members?.flatMap(({ Name, Tags }) =>
    names.includes(Name) ? [`${Tags?.rpc_addr}:${Tags?.port}`] : [],
  );
const members = recorded<AgentMembers>("operator/members-failed.json").body;
const afterLoss = recorded<Autopilot>("operator/autopilot-after-loss.json").body;

interface Servers {
  readonly leader?: string;
  readonly peers?: readonly string[];
  readonly autopilot?: unknown;
  readonly members?: unknown;
  readonly paused?: boolean;
}

/** What is told of the cluster of which one server of three was lost, as it is once autopilot has forgotten that one. */
async function ask(given: Servers = {}): Promise<{ text: string }> {
  const scheduler = recorded<{ SchedulerConfig: object }>("operator/scheduler.json").body;
  const led = (path: string, body: unknown) =>
    given.leader === "" ? get(path, "No cluster leader", 500) : get(path, body);
  const { leader = "s1.global", peers = ["s1.global", "s3.global"], autopilot = afterLoss } = given;
  recordedNomad({
    job: "web",
    extra: [
      led("/v1/status/leader", addresses([leader])?.[0]),
      get("/v1/status/peers", addresses(peers)),
      get("/v1/agent/members", given.members ?? members),
      led("/v1/operator/autopilot/health", autopilot),
      led("/v1/operator/scheduler/configuration", {
        SchedulerConfig: { ...scheduler.SchedulerConfig, PauseEvalBroker: given.paused ?? false },
      }),
      led("/v1/evaluations/count", recorded("operator/evaluations-count.json").body),
      led("/v1/operator/keyring/keys", recorded("operator/keyring.json").body),
      get("/v1/regions", ["global", "eu"]),
    ],
  });
  const session = await openSession({ address });
  const { text, isError } = await session.call("get_server_health");
  await session.close();
  expect(isError, text).toBe(false);
  return { text: text.replaceAll(/<?\b(\d+[dhms])+\b/g, "<age>").replaceAll(/ {3,}/g, "  ") };
}

describe("one verdict", () => {
  test("of a server that is alone", async () => {
    const session = await demoSession();
    onTestFinished(() => session.close());
    const before = session.demo.requests.length;
    const { text, isError } = await session.call("get_server_health");
    expect(isError).toBe(false);
    expect(session.demo.requests.length - before).toBe(8);
    expect(text.replaceAll(/<?\b(\d+[dhms])+\b/g, "<age>").replaceAll(/ {3,}/g, "  ")).toMatchInlineSnapshot(`
      "Healthy: 1 server, leader demo-server.global; there is no other, so if it fails nothing is scheduled or changed

      server  state  role  version  so for
      demo-server.global  alive  leader  2.0.5  <age>

      Scheduler: binpack, system jobs may preempt others
      1 evaluation waits for room (blocked)
      Keyring: the active key is <age> old
      Region: global
      Next: find_problems says what waits for room, and why"
    `);
  });

  test("one of three is lost, which autopilot has forgotten: one more, and there is no leader", async () => {
    expect((await ask()).text).toMatchInlineSnapshot(`
      "Degraded: 1 of 3 servers has failed (s2.global), leader s1.global; one more loss and there is no leader

      server  state  role  version  last contact  so for
      s1.global  alive  leader  2.0.6-dev  <age>
      s2.global  failed  no vote  2.0.6-dev
      s3.global  alive  votes  2.0.6-dev  7ms  <age>

      Scheduler: binpack, system jobs may preempt others
      3 evaluations wait for room (blocked)
      Keyring: the active key is <age> old
      Region: global; others: eu
      Next: start s2.global again; for one that is gone for good put in another (nomad server force-leave s2.global forgets it), or find_problems says what waits for room, and why"
    `);
  });

  test("one of three is lost a moment ago, and autopilot still calls all three healthy and alive", async () => {
    const three = members.Members?.map(({ Name, Tags }) => ({
      ...{ ...afterLoss.Servers?.[0], Name, Address: `${Tags?.rpc_addr}:${Tags?.port}`, Leader: Name === "s1.global" },
    }));
    const autopilot = { ...afterLoss, FailureTolerance: 1, Servers: three };
    const { text } = await ask({ peers: ["s1.global", "s2.global", "s3.global"], autopilot });
    expect(text).toMatch(
      /^Degraded: 1 of 3 servers has failed \(s2\.global\), leader s1\.global; one more loss and there is no leader\n/,
    );
  });

  test("all three are well: one may fail", async () => {
    const alive = { ...members, Members: members.Members?.map((each) => ({ ...each, Status: "alive" })) };
    const { text } = await ask({ peers: ["s1.global", "s2.global", "s3.global"], members: alive });
    // Autopilot knows two of them: what it leaves out is not taken for well or ill.
    expect(text).toMatch(/^Healthy: 3 servers, leader s1\.global; 1 may fail, with one more there is no leader\n/);
    expect(text).toContain("Not whole, and not counted on: autopilot names 2 of 3 servers.");
  });

  test("there is no leader: what is alive, and how many must be", async () => {
    const { text } = await ask({ leader: "", peers: ["s1.global", "s2.global", "s3.global"] });
    expect(text).toMatchInlineSnapshot(`
      "The servers have no leader, so nothing is scheduled or changed: 2 of 3 servers are alive, 2 must be

      server  state  role  version
      s1.global  alive  votes  2.0.6-dev
      s2.global  failed  votes  2.0.6-dev
      s3.global  alive  votes  2.0.6-dev

      Region: global; others: eu
      Once they have one, autopilot, the scheduler's configuration, evaluations and the keyring can be read.
      Next: start s2.global again; for one that is gone for good put in another (nomad server force-leave s2.global forgets it)"
    `);
  });

  test("the evaluation broker is paused: that comes first", async () => {
    const { text } = await ask({ paused: true });
    expect(text).toMatch(/^Nothing is scheduled: the evaluation broker is paused \(1 of 3 servers has failed/);
    expect(text).toMatch(/Next: .*pause/);
  });

  test("a partial answer of autopilot is none", async () => {
    for (const autopilot of [{ Healthy: true }, { Healthy: true, FailureTolerance: 2, Servers: [] }]) {
      const { text } = await ask({ autopilot });
      expect(text).toMatch(/^Degraded: 1 of 3 servers has failed/);
      expect(text).toContain("Not whole, and not counted on: autopilot names no server.");
    }
  });

  test("autopilot thinks ill of a server that gossip calls alive", async () => {
    const [first, ...rest] = afterLoss.Servers ?? [];
    const autopilot = {
      ...afterLoss,
      Healthy: false,
      Servers: [first, ...rest.map((each) => ({ ...each, Healthy: false }))],
    };
    const { text } = await ask({ autopilot });
    expect(text).toMatch(/^Not healthy: 1 of 3 servers is not healthy \(s3\.global\), 1 of 3 servers has failed/);
  });

  test("servers of other regions, and those that have left, are none of these", async () => {
    const [one] = members.Members ?? [];
    const elsewhere = { ...one, Name: "e1.eu", Status: "failed", Tags: { ...one?.Tags, region: "eu", port: "1" } };
    const gone = { ...one, Name: "s9.global", Status: "left", Tags: { ...one?.Tags, port: "2" } };
    const { text } = await ask({ members: { ...members, Members: [...(members.Members ?? []), elsewhere, gone] } });
    expect(text).toMatch(/^Degraded: 1 of 3 servers has failed \(s2\.global\)/);
    expect(text).not.toMatch(/e1\.eu|s9/);
  });
});

test("with a token that may see nothing: that it is not known, and what the token needs", async () => {
  const session = await demoSession();
  onTestFinished(() => session.close());
  const watching = guard([]);
  onTestFinished(() => watching.remove());
  const { result } = await watching.watch(() => session.call("get_server_health"));
  expect(result.isError).toBe(false);
  expect(result.text).toMatchInlineSnapshot(`
    "Not known: 1 server, leader 127.0.0.1:4647; who of them is alive, or has a say, was not told

    server          state    role
    127.0.0.1:4647  unknown  leader

    Regions: global
    Not seen: autopilot and the scheduler's configuration (the token needs operator { policy = "read" }); members (the token needs node { policy = "read" }); evaluations (the token needs read-job); the keyring (the token needs to be a management token)."
  `);
});

test("in a large cluster: eight requests and 10 KB, in the time of a small one", async () => {
  const cost = async (size: Size) => {
    const demo = await startDemoCluster({ clock: virtualClock(), seed: 1, fill: fillUp(size) });
    onTestFinished(() => demo.stop());
    const session = await openSession({ address: demo.address });
    onTestFinished(() => session.close());
    await session.call("get_server_health");
    const before = demo.requests.length;
    const began = performance.now();
    await session.call("get_server_health");
    const ms = performance.now() - began;
    const asked = demo.requests.slice(before);
    return { ms, requests: asked.length, bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  const small = await cost({ jobs: 10, deadAllocations: 50, nodes: 5 });
  const large = await cost({ jobs: 10_000, deadAllocations: 50_000, nodes: 500 });
  expect(large.requests).toBe(8);
  expect(large.bytes).toBeLessThan(10_000);
  // A busy machine is not the cluster's size: what little it takes may be late.
  expect(large.ms).toBeLessThan(3 * Math.max(small.ms, 30));
});
