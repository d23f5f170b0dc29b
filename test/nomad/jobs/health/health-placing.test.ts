// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { describe, expect, test } from "vitest";
import { evaluation, first, goTime, onlyAllocation, onlyGroup, unplaced } from "../../../support/edit.ts";
import type { RecordedState } from "../../../support/recorded.ts";
import { verdictOf } from "../../../support/verdict.ts";

// The recorded folders themselves are cases of get_job_status. Here they are edited into troubles of placing that were not recorded;
// each says where Nomad's own form of it was found: its source (2.0.6-dev) or a real agent of the same version.

describe("waiting for the scheduler", () => {
  test("a delayed reschedule: when", async () => {
    // The evaluation that will do it is pending until WaitUntil (nomad-observed.md §1).
    const { condition, text } = await verdictOf("deployment-lies", (state) => {
      Object.assign(onlyGroup(state).group.ReschedulePolicy ?? {}, { Unlimited: true, Delay: 30e9 });
      const followup = evaluation(state, {
        TriggeredBy: "alloc-reschedule",
        Status: "pending",
        WaitUntil: goTime(state, -90),
      });
      first(state.allocations).FollowupEvalID = followup.ID;
    });
    expect(["waiting", "crash looping"]).toContain(condition);
    expect(text).toContain("next attempt in 1m30s");
  });

  test("attempts used up: no next attempt is promised", async () => {
    const { condition, text } = await verdictOf("deployment-lies", (state) => {
      Object.assign(onlyGroup(state).group.ReschedulePolicy ?? {}, { Attempts: 1, Interval: 3600e9 });
      // The evaluation that rescheduled it is over; the allocation keeps its id.
      const followup = evaluation(state, { TriggeredBy: "alloc-reschedule", WaitUntil: goTime(state, 5) });
      first(state.allocations).FollowupEvalID = followup.ID;
    });
    expect(condition).toBe("dead");
    expect(text).toContain("attempts are used up");
    expect(text).not.toContain("next attempt");
  });

  test("not yet taken by the scheduler", async () => {
    const { condition, settled } = await verdictOf("too-big", (state) => {
      state.evaluations = state.evaluations.slice(0, 1);
      Object.assign(first(state.evaluations), { Status: "pending", FailedTGAllocs: null });
      state.deployments = [];
    });
    expect({ condition, settled }).toEqual({ condition: "pending", settled: false });
  });
});

describe("nodes", () => {
  /** Every allocation ended with its node, and there is no other node (as reconcile_cluster.go, markStop of lost ones). */
  function lost(state: RecordedState) {
    for (const allocation of state.allocations) {
      Object.assign(allocation, { ClientStatus: "lost", DesiredStatus: "stop" });
      allocation.DesiredDescription = "alloc is lost since its node is down";
    }
    evaluation(state, { TriggeredBy: "node-update" });
    evaluation(state, { TriggeredBy: "queued-allocs", Status: "blocked" });
    // On a real agent the metrics are all zero then: no node is looked at.
    state.evaluations = state.evaluations.slice(-2);
    unplaced(state, { NodesAvailable: null, NodesInPool: 0 });
    for (const node of state.nodes) node.Status = "down";
  }

  test("down, and none to replace it", async () => {
    const { condition, text } = await verdictOf("shell", lost);
    expect(condition).toBe("not placed");
    expect(text).toContain("dev-1 is down");
  });

  test("all ineligible", async () => {
    const { condition, text } = await verdictOf("too-big", (state) => {
      unplaced(state, { NodesAvailable: null, NodesInPool: 0 });
      for (const node of state.nodes) node.SchedulingEligibility = "ineligible";
    });
    expect(condition).toBe("not placed");
    expect(text).toContain("dev-1 is ineligible");
    expect(text).toContain("nomad node eligibility -enable 95afa302");
  });

  test("disconnected: unknown, not failed", async () => {
    // reconcile_cluster.go, appendUnknownDisconnectingUpdates; the follow-up evaluation as a real agent had it.
    const { condition, text } = await verdictOf("shell", (state) => {
      const timeout = {
        TriggeredBy: "max-disconnect-timeout",
        Status: "pending",
        WaitUntil: goTime(state, -600),
      } as const;
      const followup = evaluation(state, timeout);
      onlyAllocation(state, {
        ClientStatus: "unknown",
        ClientDescription: "alloc is unknown since its node is disconnected",
        FollowupEvalID: followup.ID,
      });
      for (const node of state.nodes) node.Status = "disconnected";
    });
    expect(["degraded", "waiting"]).toContain(condition);
    expect(text).toContain("node dev-1 is disconnected");
    expect(text).not.toMatch(/failed|dead/);
  });

  test("preempted, and not placed again", async () => {
    // nomad/structs/plan.go, AppendPreemptedAlloc.
    const by = "11111111-2222-4333-8444-555555555555";
    const { condition, text } = await verdictOf("shell", (state) => {
      onlyAllocation(state, {
        ClientStatus: "complete",
        DesiredStatus: "evict",
        DesiredDescription: `Preempted by alloc ID ${by}`,
        PreemptedByAllocation: by,
      });
      evaluation(state, { TriggeredBy: "preemption" });
      evaluation(state, { TriggeredBy: "queued-allocs", Status: "blocked" });
      state.evaluations = state.evaluations.slice(-2);
      unplaced(state, { NodesEvaluated: 1, NodesExhausted: 1, DimensionExhausted: { memory: 1 } });
    });
    expect(condition).toBe("not placed");
    expect(text).toContain("preempted");
    expect(text).toContain("memory");
  });
});

describe("what the scheduler lacks", () => {
  const placed = async (edit: (state: RecordedState) => void) => {
    const verdict = await verdictOf("too-big", edit);
    expect(verdict.condition).toBe("not placed");
    return verdict;
  };

  test("a host volume, by its name from the job", async () => {
    const { text } = await placed((state) => {
      onlyGroup(state).group.Volumes = { data: { Name: "data", Type: "host", Source: "pgdata", ReadOnly: false } };
      unplaced(state, {
        NodesEvaluated: 3,
        NodesFiltered: 3,
        ConstraintFiltered: { "missing compatible host volumes": 3 },
      });
    });
    expect(text).toContain("host volume pgdata");
  });

  test("a device, by its name from the job", async () => {
    const { text } = await placed((state) => {
      Object.assign(onlyGroup(state).task.Resources ?? {}, { Devices: [{ Name: "nvidia/gpu", Count: 2 }] });
      unplaced(state, { NodesEvaluated: 3, NodesFiltered: 3, ConstraintFiltered: { "missing devices": 3 } });
    });
    expect(text).toContain("2 × nvidia/gpu");
  });

  test("further hosts, where they must be distinct", async () => {
    const { text } = await placed((state) => {
      unplaced(state, { NodesEvaluated: 3, NodesFiltered: 3, ConstraintFiltered: { distinct_hosts: 3 } });
    });
    expect(text).toContain("distinct_hosts");
    expect(text).toContain("3 of 3 nodes");
  });

  test("quota", async () => {
    // Enterprise: the text is that of Nomad's guide to resource quotas.
    const { text } = await placed((state) => {
      unplaced(state, { NodesEvaluated: 1, QuotaExhausted: ["memory exhausted (1024 needed > 1000 limit)"] });
    });
    expect(text).toContain("quota");
    expect(text).toContain("1024 needed > 1000 limit");
  });

  test("quota, used up before any node is looked at", async () => {
    const { text } = await placed((state) => {
      unplaced(state, { NodesEvaluated: 0, QuotaExhausted: ["cpu exhausted (500 needed > 400 limit)"] });
    });
    expect(text).toContain("quota");
    expect(text).not.toMatch(/no (ready|node)/);
  });

  test("a node that a system job fits", async () => {
    // As a real agent answered: no blocked evaluation, deployment successful with 0 of 0.
    const { condition, text } = await verdictOf("agent-log", (state) => {
      state.allocations = [];
      const { group } = onlyGroup(state);
      Object.assign(first(state.deployments), {
        Status: "successful",
        StatusDescription: "Deployment completed successfully",
      });
      const done = first(state.deployments).TaskGroups?.[group.Name];
      Object.assign(done ?? {}, { DesiredTotal: 0, PlacedAllocs: 0 });
      unplaced(state, {
        NodesEvaluated: 3,
        NodesFiltered: 3,
        ConstraintFiltered: { "${attr.kernel.name} = windows": 3 },
      });
    });
    expect(condition).toBe("not placed");
    expect(text).toContain("= windows");
    expect(text).not.toContain("0 of 0");
  });
});

describe("what is no fault", () => {
  test("scaled to 0", async () => {
    // Nomad says dead, and Stop is false (nomad-observed.md §1).
    const { condition, text } = await verdictOf("too-big", (state) => {
      onlyGroup(state).group.Count = 0;
      Object.assign(state.job, { Status: "dead" });
      Object.assign(state, { allocations: [], deployments: [] });
      for (const each of state.evaluations) Object.assign(each, { Status: "complete", FailedTGAllocs: null });
    });
    expect(condition).toBe("stopped");
    expect(text).toContain("scaled to 0");
    expect(text).not.toContain("dead");
  });

  test("the past of an earlier job of the same id", async () => {
    // port-clash was registered twice: what has a lower CreateIndex is the earlier job's.
    const { text } = await verdictOf("web", (state) => {
      const old = { ...first(state.allocations), ID: "00000000-0000-4000-8000-000000000001", CreateIndex: 1 };
      state.allocations.push({ ...old, ClientStatus: "failed", DesiredStatus: "run" });
      state.evaluations.push({ ...first(state.evaluations), CreateIndex: 2, Status: "blocked" });
    });
    expect(text).toMatch(/^running: 3 of 3 healthy/);
    expect(text).not.toContain("Why");
  });
});
