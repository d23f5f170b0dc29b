import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { neverRescheduled, noDeployment, noRestart } from "./support/jobs.ts";

const once = { ...noRestart, ...neverRescheduled, ...noDeployment };

/** Submits a job of one task and gives the events that it has once `last` is among them. */
async function events(nomad: Cluster, stem: string, task: object, last: string) {
  const id = nomad.id(stem);
  const named = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h" },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  await nomad.submit(mockJob(id, {}, { ...once, Tasks: [{ ...named, ...task }] }));
  const of = (allocation: AllocationStub | undefined) => allocation?.TaskStates?.server?.Events ?? [];
  const [allocation] = await nomad.allocations(id, ([only]) => of(only).some(({ Type }) => Type === last));
  return of(allocation).map(({ Type, DisplayMessage }) => [Type, DisplayMessage]);
}

contract("what comes before a task starts, and after", (test) => {
  test("an artifact that nobody serves", async ({ nomad }) => {
    const source = "http://127.0.0.1:1/app.tar.gz";
    const found = await events(nomad, "artifact", { Artifacts: [{ GetterSource: source }] }, "Not Restarting");
    expect(found.slice(0, 5)).toEqual([
      ["Received", "Task received by client"],
      ["Task Setup", "Building Task Directory"],
      ["Downloading Artifacts", "Client is downloading artifacts"],
      [
        "Failed Artifact Download",
        `failed to download artifact "${source}": getter subprocess failed: exit status 1: failed to download artifact: Get "${source}": dial tcp 127.0.0.1:1: connect: connection refused`,
      ],
      ["Not Restarting", "Policy allows no restarts"],
    ]);
  });

  test("a template that waits for a variable", async ({ nomad }) => {
    const EmbeddedTmpl = '{{ with nomadVar "nomad/jobs/none" }}{{ .key }}{{ end }}';
    const found = await events(nomad, "template", { Templates: [{ DestPath: "local/key", EmbeddedTmpl }] }, "Template");
    expect(found.at(-1)).toEqual(["Template", "Missing: nomad.var.block(nomad/jobs/none@default.global)"]);
  });

  test("a command that is not there", async ({ nomad }) => {
    const task = { Driver: "raw_exec", Config: { command: "/opt/no-such-program" } };
    const found = await events(nomad, "command", task, "Driver Failure");
    expect(found).toContainEqual([
      "Driver Failure",
      'failed to launch command with executor: rpc error: code = Unknown desc = binary "/opt/no-such-program" could not be found',
    ]);
  });

  test("a check that nobody answers, and an allocation that is not healthy because of it", async ({ nomad }) => {
    const id = nomad.id("deaf");
    const Checks = [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }];
    const Services = [{ Name: id, Provider: "nomad", PortLabel: "http", Checks }];
    const Update = { MaxParallel: 1, MinHealthyTime: 1e8, HealthyDeadline: 4e9, ProgressDeadline: 6e9 };
    await nomad.submit(mockJob(id, {}, { Update, Services, Networks: [{ DynamicPorts: [{ Label: "http" }] }] }));
    const { ID } = await nomad.allocation(id, "running");
    type Checked = Record<string, { Status: string; Output: string }> | null;
    const checks = await nomad.until<Checked>(`/v1/client/allocation/${ID}/checks`, (now) =>
      Object.values(now ?? {}).some(({ Status }) => Status === "failure"),
    );
    const [check] = Object.values(checks ?? {});
    expect(check?.Output).toMatch(
      /^nomad: Get "http:\/\/(\S+:\d+)\/health": dial tcp \1: connect: connection refused$/,
    );
    expect((await nomad.deployment(id, "failed")).StatusDescription).toBe("Failed due to progress deadline");
  });
});
