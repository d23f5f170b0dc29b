import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";

const second = 1e9;

interface Deployment {
  readonly ID: string;
  readonly Status: string;
  readonly JobVersion: number;
  readonly TaskGroups: Readonly<Record<string, { HealthyAllocs: number; Promoted: boolean }>>;
}

/** A job whose second version is tried with a canary in each group, once all of these are healthy. */
async function tried(nomad: Cluster, stem: string, groups: readonly string[], update: object = {}) {
  const id = nomad.id(stem);
  const Update = {
    ...{ Canary: 1, MaxParallel: 1, HealthCheck: "task_states", MinHealthyTime: second / 2 },
    ...{ HealthyDeadline: 20 * second, ProgressDeadline: 30 * second, ...update },
  };
  const version = (run_for: string) => {
    const task = { Name: "server", Driver: "mock_driver", Config: { run_for }, Resources: { CPU: 20, MemoryMB: 16 } };
    return mockJob(id, {}, {}, { TaskGroups: groups.map((Name) => ({ Name, Count: 2, Tasks: [task], Update })) });
  };
  await nomad.submit(version("1h"));
  await nomad.deployment(id, "successful");
  await nomad.submit(version("2h"));
  const { ID } = await nomad.until<Deployment>(`/v1/job/${id}/deployment`, (now) =>
    Object.values(now.TaskGroups).every(({ HealthyAllocs }) => HealthyAllocs >= 1),
  );
  return { id, deployment: ID.slice(0, 8), now: () => nomad.get<Deployment>(`/v1/deployment/${ID}`) };
}

contract("the tools of deployments", (test) => {
  test("one group is promoted and followed, then the rest; an unknown one is refused", async ({ nomad }) => {
    const { id, deployment, now } = await tried(nomad, "promoted", ["web", "worker"]);
    expect(await nomad.tell("list_deployments", { job_id: id })).toMatch(
      new RegExp(`\n${deployment} .* waits for promotion of web and worker .*2 of 4 .*\n`),
    );
    const unknown = await nomad.call("promote_deployment", { job_id: id, groups: ["nope"] });
    expect(unknown).toEqual({
      isError: true,
      text: `Deployment ${deployment} of ${id} has no group nope: it has web and worker. Nothing was changed.`,
    });
    const told = await nomad.tell("promote_deployment", { deployment_id: deployment, groups: ["web"] });
    expect(told).toMatch(
      new RegExp(
        `^group web of ${id} promoted \\(deployment ${deployment} of version 1, namespace default\\); web 2 of 2 healthy; waiting for promotion: .*\nNot promoted: worker \\(1 of 1 canary healthy\\)\nNext: promote_deployment deployment_id=${deployment}`,
      ),
    );
    expect((await now()).TaskGroups).toMatchObject({ web: { Promoted: true }, worker: { Promoted: false } });
    expect(await nomad.tell("promote_deployment", { job_id: id })).toMatch(
      new RegExp(`^group worker of ${id} promoted .*; running: 4 of 4 healthy`),
    );
    expect((await now()).Status).toBe("successful");
  });

  test("paused, nothing follows a promotion until it is resumed", async ({ nomad }) => {
    const { id, now } = await tried(nomad, "paused", ["web"]);
    expect(await nomad.tell("pause_deployment", { job_id: id })).toMatch(/ paused \(deployment .*1 of 2 healthy\n/);
    expect((await now()).Status).toBe("paused");
    expect(await nomad.tell("pause_deployment", { job_id: id })).toMatch(/ is paused already .*Nothing was changed\./);
    expect(await nomad.tell("promote_deployment", { job_id: id })).toMatch(
      /; the deployment is paused, so that nothing follows until it is resumed\nNext: pause_deployment /,
    );
    expect(await now()).toMatchObject({ Status: "paused", TaskGroups: { web: { Promoted: true } } });
    expect(await nomad.tell("pause_deployment", { job_id: id, resume: true })).toMatch(
      / resumed \(deployment .*; running: 2 of 2 healthy/,
    );
    expect((await now()).Status).toBe("successful");
    expect((await nomad.call("pause_deployment", { job_id: id })).text).toMatch(/ has ended: it succeeded /);
  });

  test("failed, with and without a way back, and by an allocation that is unhealthy", async ({ nomad }) => {
    const back = await tried(nomad, "back", ["web"], { AutoRevert: true });
    expect(await nomad.tell("fail_deployment", { job_id: back.id })).toMatch(
      /^\S+ update failed on request \(deployment .*\), rolled back to version 0; rolled back: version 1 failed .*version 0 runs again as version 2: 2 of 2 healthy/,
    );
    const stays = await tried(nomad, "stays", ["web"]);
    expect(await nomad.tell("fail_deployment", { job_id: stays.id })).toMatch(
      /^\S+ update failed on request \(deployment .*\); failed: the deployment of version 1 failed .*\(marked as failed\): 2 of 2 healthy; version 0 ran before/,
    );
    expect((await stays.now()).Status).toBe("failed");
    const marked = await tried(nomad, "marked", ["web"]);
    const { TaskGroups } = await nomad.get<{ TaskGroups: { web: { PlacedCanaries: string[] } } }>(
      `/v1/job/${marked.id}/deployment`,
    );
    const unhealthy = TaskGroups.web.PlacedCanaries.map((id) => id.slice(0, 8));
    expect(await nomad.tell("fail_deployment", { job_id: marked.id, unhealthy })).toMatch(
      /\nMarked as unhealthy: 1 allocation: web\[0\] /,
    );
    expect((await marked.now()).Status).toBe("failed");
  });
});
