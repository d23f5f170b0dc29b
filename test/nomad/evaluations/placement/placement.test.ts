// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../../src/endpoints/evaluations.ts";
import type { Job, TaskGroup } from "../../../../src/endpoints/job.ts";
import type { AllocMetric } from "../../../../src/endpoints/metric.ts";
import type { NodeStub } from "../../../../src/endpoints/nodes.ts";
import { explainAll, explainPlacement } from "../../../../src/nomad/evaluations/placement/placement.ts";
import { first } from "../../../support/edit.ts";
import { recorded } from "../../../support/recorded.ts";

const bringBack = ({ Name }: NodeStub) => `bring ${Name} back`;
const nodes = recorded<NodeStub[]>("lists/nodes.json").body;
const steps = { createVolume: (_: unknown, otherwise: string) => otherwise, listVolumes: () => "" };
const around = { now: 0, whole: [], volumes: new Map<string, undefined>(), bringBack, ...steps };
const all = { nodes, complete: true, ...around };

/** What the newest evaluation of a recorded folder gives as reasons. */
function recordedReasons(folder: string) {
  const job = recorded<Job>(`${folder}/job.json`).body;
  const evaluations = recorded<Evaluation[]>(`${folder}/evaluations.json`).body;
  const newest = evaluations.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex);
  const failed = newest.find(({ Status }) => Status === "blocked")?.FailedTGAllocs ?? {};
  return explainAll(job, failed, all).flatMap(({ reasons }) => reasons);
}

test.each([
  ["windows-only", ["the constraint ${attr.kernel.name} = windows rules out 1 of 1 node"]],
  ["no-driver", ["the driver podman is missing or unhealthy on 1 of 1 node; there are mock_driver and raw_exec"]],
  ["wrong-dc", ["no node in datacenter dc-nowhere; ready nodes are in dc1"]],
  ["port-clash", ["port 28090 (http) is taken on 1 of 1 node"]],
])("%s", (folder, reasons) => {
  expect(recordedReasons(folder)).toEqual(reasons);
});

test("too-big", () => {
  const [reason, ...others] = recordedReasons("too-big");
  expect(others).toEqual([]);
  expect(reason).toContain("no node has 900,000 MB of memory for task server");
  expect(reason).toContain("the largest has 8,192 MB");
});

describe("metrics of other clusters", () => {
  const job = recorded<Job>("web/job.json").body;
  const group = first(job.TaskGroups);

  /** As the scheduler sends a metric in which nothing was counted. */
  const empty: AllocMetric = {
    ...{ NodesEvaluated: 3, NodesFiltered: 0, NodesInPool: 3, NodePool: "default", NodesAvailable: { dc1: 3 } },
    ...{ ClassFiltered: null, ConstraintFiltered: null, NodesExhausted: 0, ClassExhausted: null },
    ...{ DimensionExhausted: null, QuotaExhausted: null, ResourcesExhausted: null, CoalescedFailures: 0 },
  };
  const explained = (metric: Partial<AllocMetric>, more: Partial<TaskGroup> = {}, seen = all) =>
    explainPlacement({ ...job, TaskGroups: [{ ...group, ...more }] }, group.Name, { ...empty, ...metric }, seen);
  const reasons = (...args: Parameters<typeof explained>) => explained(...args).reasons;

  test("several reasons: the one that rules out most nodes first", () => {
    const found = reasons({
      NodesEvaluated: 5,
      NodesFiltered: 2,
      NodesExhausted: 3,
      ConstraintFiltered: { "${meta.rack} = r1": 2 },
      DimensionExhausted: { cpu: 3 },
    });
    expect(found).toHaveLength(2);
    expect(found[0]).toContain("CPU");
    expect(found[0]).toContain("3 of 5 nodes");
    expect(found[1]).toContain("${meta.rack} = r1 rules out 2 of 5 nodes");
  });

  test("a node short of one thing is not said to have the others", () => {
    const [only] = reasons({ NodesExhausted: 3, DimensionExhausted: { cpu: 3 } });
    expect(only).not.toMatch(/memory/);
  });

  test("free capacity is not claimed where the nodes are large enough", () => {
    const [only] = reasons({ NodesExhausted: 3, DimensionExhausted: { memory: 3 } });
    expect(only).not.toContain("too small");
    expect(only).not.toMatch(/has \d[\d,]* MB free/);
  });

  test("not all nodes are known: no largest one", () => {
    const large = [{ ...group.Tasks?.[0], Resources: { CPU: 100, MemoryMB: 900_000 } }];
    const [only] = reasons(
      { NodesExhausted: 3, DimensionExhausted: { memory: 3 } },
      { Tasks: large as TaskGroup["Tasks"] },
      { ...all, complete: false },
    );
    expect(only).toContain("900,000 MB");
    expect(only).not.toMatch(/largest|too small/);
  });

  test("the nodes could not be read: what the metric itself says", () => {
    const { reasons: found } = explainPlacement(job, group.Name, { ...empty, NodesEvaluated: 0 }, undefined);
    expect(found).toEqual(["no ready, eligible node is in datacenter dc1"]);
  });

  test("several that failed alike are counted", () => {
    expect(explained({ CoalescedFailures: 4, NodesExhausted: 3, DimensionExhausted: { cpu: 3 } }).waiting).toBe(5);
  });

  test.each([
    ["missing CSI volume(s) vol0", "vol0"],
    ['missing host network "public" for port "http"', 'host network "public" for port "http"'],
    ["distinct_property: ${meta.rack}=r1 used by 1 allocs", "${meta.rack}=r1"],
    ["CSI volume vol0 has exhausted its available writer claims", "vol0 has exhausted its available writer claims"],
    ["missing network", "network"],
  ])("%s", (text, told) => {
    const [only] = reasons({ NodesFiltered: 3, ConstraintFiltered: { [text]: 3 } });
    expect(only).toContain(told);
    expect(only).toContain("3 of 3 nodes");
  });

  test.each([
    ["network: reserved port collision http=8080", "port 8080 (http)"],
    ["network: dynamic port selection failed", "dynamic port"],
    ["disk", "disk"],
    ["devices: no devices match request", "device"],
    // What a later version may send is passed on in Nomad's words.
    ["network: bandwidth exceeded", "bandwidth exceeded"],
  ])("%s", (text, told) => {
    const [only] = reasons({ NodesExhausted: 3, DimensionExhausted: { [text]: 3 } });
    expect(only).toContain(told);
  });

  test("a class ruled out before is no reason beside the reason", () => {
    const filtered = { "computed class ineligible": 2, "${attr.kernel.name} = windows": 1 };
    expect(reasons({ NodesFiltered: 3, ConstraintFiltered: filtered })).toHaveLength(1);
  });

  test("an evaluation that carries no reason says so", () => {
    expect(reasons({ NodesFiltered: 3 })).toHaveLength(1);
    expect(reasons({ NodesFiltered: 3 })[0]).toContain("no reason");
  });
});

describe("no node was looked at", () => {
  const job = recorded<Job>("wrong-dc/job.json").body;
  const group = first(job.TaskGroups);
  const metric = first(recorded<Evaluation[]>("wrong-dc/evaluations.json").body).FailedTGAllocs?.[group.Name];
  const node = first(nodes);
  const because = (more: Partial<Job>, cluster: Partial<NodeStub>[]) => {
    if (metric === undefined) throw new Error("wrong-dc has no metric");
    // As a real agent has it: the metric names the job's pool.
    if (more.NodePool !== undefined) metric.NodePool = more.NodePool;
    const seen = { nodes: cluster.map((each) => ({ ...node, ...each })), complete: true, ...around };
    return explainPlacement({ ...job, ...more }, group.Name, metric, seen);
  };

  test("the datacenter is known, its nodes are not ready: which, and how", () => {
    const { reasons } = because({ Datacenters: ["dc1"] }, [
      { Name: "a", Status: "down" },
      { Name: "b", SchedulingEligibility: "ineligible" },
      { Name: "c", SchedulingEligibility: "ineligible", Drain: true },
    ]);
    expect(reasons[0]).toMatch(/a is down.*b is ineligible.*c is draining/);
  });

  test("patterns of datacenters", () => {
    expect(because({ Datacenters: ["d*"] }, [{ Name: "a", Status: "down" }]).reasons[0]).toContain("a is down");
    expect(because({ Datacenters: ["eu-*"] }, [{}]).reasons[0]).toContain("eu-*");
  });

  test("an empty node pool", () => {
    const { reasons } = because({ Datacenters: ["dc1"], NodePool: "gpu" }, [{}]);
    expect(reasons[0]).toContain("node pool gpu");
    expect(reasons[0]).toContain("default");
  });

  test("no node at all", () => {
    expect(because({}, []).reasons[0]).toContain("no client node");
  });
});
