import { expect, test } from "vitest";
import type { Evaluation } from "../../../../src/endpoints/evaluations.ts";
import type { AllocMetric } from "../../../../src/endpoints/metric.ts";
import type { NodeStub } from "../../../../src/endpoints/nodes.ts";
import { lackOf } from "../../../../src/nomad/evaluations/placement/lack.ts";
import { recorded } from "../../../support/recorded.ts";

const nodes = recorded<NodeStub[]>("lists/nodes.json").body;

/** What the recorded job's newest evaluation that failed to place lacks; `more` changes its metric. */
function lack(folder: string, more: Partial<AllocMetric> = {}, datacenters = ["dc1"]): string {
  const evaluations = recorded<Evaluation[]>(`${folder}/evaluations.json`).body;
  const [metric] = evaluations.flatMap(({ FailedTGAllocs }) => Object.values(FailedTGAllocs ?? {}));
  if (metric === undefined) throw new Error(`nothing failed to be placed in ${folder}`);
  return lackOf({ ...metric, ...more }, { Datacenters: datacenters, NodePool: "default" }, { nodes, complete: true });
}

test.each([
  ["too-big", "memory is short"],
  ["no-driver", "a driver that it needs is missing or unhealthy"],
  ["windows-only", `the constraint \${attr.kernel.name} = windows is not met`],
  ["port-clash", "port 28090 is taken"],
])("recorded: %s", (folder, expected) => {
  expect(lack(folder)).toBe(expected);
});

test("no node was looked at: the datacenter", () => {
  expect(lack("wrong-dc", {}, ["mars"])).toBe("no node in datacenter mars; ready nodes are in dc1");
});

test("several reasons: what is exhausted first, and two at most", () => {
  const DimensionExhausted = { memory: 1, cpu: 3 };
  const ConstraintFiltered = { "computed class ineligible": 9, "missing devices": 2 };
  expect(lack("too-big", { NodesEvaluated: 15, DimensionExhausted, ConstraintFiltered })).toBe(
    "CPU is short; memory is short",
  );
});

test.each([
  ['missing host network "public" for port "http"', 'no node has the host network "public" for port "http"'],
  ["missing CSI volume(s) vol0", "there is no CSI volume vol0"],
  [
    `distinct_property: \${meta.rack}=r1 used by 1 allocs`,
    `the constraint distinct_property: \${meta.rack}=r1 used by 1 allocs is not met`,
  ],
])("a reason as Nomad words it: %s", (text, expected) => {
  expect(lack("too-big", { DimensionExhausted: null, ConstraintFiltered: { [text]: 1 } })).toBe(expected);
});

test("a quota outranks all", () => {
  expect(lack("too-big", { QuotaExhausted: ["memory exhausted"] })).toBe("the namespace's quota is used up");
});
