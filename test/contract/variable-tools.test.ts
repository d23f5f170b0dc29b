import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

/** A job whose task reads a variable, and the events of its only allocation. */
function reading(nomad: Cluster, stem: string, path: string, more: object = {}) {
  const id = nomad.id(stem);
  const EmbeddedTmpl = `{{ with nomadVar "${path}" }}{{ .url }}{{ end }}`;
  const Templates = [{ DestPath: "local/x", EmbeddedTmpl, Splay: 1e8, ...more }];
  const task = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h" },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  return {
    id,
    submit: () => nomad.submit(mockJob(id, {}, { ...noDeployment, Tasks: [{ ...task, Templates }] })),
    until: (type: string) =>
      nomad
        .allocations(id, ([only]) => eventsOf(only).some(({ Type }) => Type === type))
        .then(([only]) => eventsOf(only)),
  };
}

const eventsOf = (allocation: AllocationStub | undefined) => allocation?.TaskStates?.server?.Events ?? [];

/** A path of this test's own, deleted when it is over. */
function owned(nomad: Cluster, stem: string): string {
  const path = `contract/${nomad.id(stem)}`;
  nomad.undo(() => nomad.send("DELETE", `/v1/var/${path}`));
  return path;
}

contract("variables and the tasks that read them", (test) => {
  test("what waits starts, a change restarts or signals, a deletion leaves what runs", async ({ nomad }) => {
    const path = owned(nomad, "read");
    const restarts = reading(nomad, "restarts", path);
    const told = reading(nomad, "told", path, { ChangeMode: "signal", ChangeSignal: "SIGHUP" });
    await Promise.all([restarts, told].map((each) => each.submit()));
    expect((await restarts.until("Template")).at(-1)?.DisplayMessage).toBe(
      `Missing: nomad.var.block(${path}@default.global)`,
    );
    await told.until("Template");

    const made = await nomad.tell("put_variable", { path, set: { url: "one" } });
    expect(made).toMatch(new RegExp(`^${path} \\(namespace default\\) made, with url\n`));
    expect(made).toContain(
      `task server of ${restarts.id} (group api) reads it: 1 allocation that waits for it starts by itself`,
    );
    await Promise.all([restarts, told].map((each) => each.until("Started")));
    await nomad.until<{ Summary: Record<string, { Running: number }> }>(
      `/v1/job/${restarts.id}/summary`,
      ({ Summary }) => Summary.api?.Running === 1,
    );

    const changed = await nomad.tell("put_variable", { path, set: { url: "two", more: "x" } });
    expect(changed).toMatch(/ stored: changed url; added more\n/);
    expect(changed).toContain(
      `task server of ${restarts.id} (group api) restarts in 1 allocation within 100ms and some seconds`,
    );
    expect(
      (await restarts.until("Restart Signaled")).find(({ Type }) => Type === "Restart Signaled")?.DisplayMessage,
    ).toBe("Template with change_mode restart re-rendered");
    expect((await told.until("Signaling")).at(-1)?.DisplayMessage).toBe("Template re-rendered");

    const [before] = await nomad.allocations(restarts.id, () => true);
    expect(await nomad.tell("delete_variable", { path })).toMatch(/ deleted, with 2 keys: more and url\n/);
    await nomad.pass(7_000);
    const [after] = await nomad.allocations(restarts.id, () => true);
    expect(eventsOf(after).length).toBeGreaterThanOrEqual(eventsOf(before).length);
    expect(after?.ClientStatus).toBe("running");
    expect(eventsOf(after).filter(({ Type }) => Type === "Template")).toHaveLength(1);
  });

  test("a lock is seen, and keeps everybody else from writing", async ({ nomad, target, skip }) => {
    // Locks are beyond the demo.
    skip(target.name === "demo cluster");
    const path = owned(nomad, "locked");
    const body = { Items: { url: "one" }, Lock: { TTL: "15s", LockDelay: "1s" } };
    const { Lock } = await nomad.ask<{ Lock: { ID: string } }>("PUT", `/v1/var/${path}`, {
      query: { "lock-acquire": "" },
      body,
    });
    const { text, isError } = await nomad.call("put_variable", { path, set: { url: "two" } });
    expect(isError).toBe(true);
    expect(text).toMatch(new RegExp(`^${path} is locked: .* 15s\\. Nothing was changed\\.$`));
    const shown = await nomad.tell("get_variable", { path });
    expect(shown).toContain("Locked: ");
    for (const told of [text, shown]) expect(told).not.toContain(Lock.ID);
    await nomad.ask("PUT", `/v1/var/${path}`, { query: { "lock-release": "" }, body: { Lock } });
  });

  test("keys, paths and changes by compare-and-set", async ({ nomad }) => {
    const path = owned(nomad, "keys");
    expect(await nomad.tell("put_variable", { path, set: { user: "u", password: "made-up" } })).toContain(
      "No template of a job in namespace default names it",
    );
    expect(await nomad.tell("get_variable", { path })).toMatch(/: 2 keys \(password, user\), made /);
    expect(await nomad.tell("list_variables", { prefix: path })).toMatch(/^1 variable under /);
    expect(await nomad.tell("put_variable", { path, unset: ["user"] })).toMatch(/ removed user\nUntouched: password\n/);
    const stored = await nomad.get<{ Items: Record<string, string> }>(`/v1/var/${path}`);
    expect(stored.Items).toEqual({ password: "made-up" });
    expect(
      (await nomad.call("put_variable", { path: `${path}/x`, namespace: "nope-none", set: { a: "b" } })).text,
    ).toMatch(/^There is no namespace nope-none/);
  });
});
