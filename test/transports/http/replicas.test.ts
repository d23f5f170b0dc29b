import { expect, test } from "vitest";
import { steps } from "../../../src/commands/tour-steps.ts";
import { type NetworkServer, team, told } from "../../support/network-server.ts";
import { parameterized, periodic } from "../../support/parents.ts";
import { acts } from "../../support/raw/reach.ts";
import { socketTo } from "../../support/socket-to.ts";

test("the whole tour by turns of two replicas: whichever answers knows as much", { timeout: 60_000 }, async () => {
  const { start, client } = await team();
  const anna = await client("anna", await start(), await start());
  for (const { tool, args, expects } of steps) expect(await told(anna, tool, args)).toMatch(expects);
});

test.each([
  ["restart_job", { job_id: "web" }, "What the call is about has changed since the code was given"],
  ["restart_job", { job_id: "web", reschedule: true }, "What the call is about has changed since the code was given"],
  ["dispatch_job", { job_id: "import" }, "That code was used already: it started import/dispatch-"],
  ["force_periodic_job", { job_id: "nightly" }, "What the call is about has changed since the code was given"],
])("a consent to %s %j holds on either replica, and once on both", { timeout: 30_000 }, async (tool, args, refusal) => {
  const { start, client, demo } = await team({ settings: 'confirm = "ask"' });
  for (const Job of [parameterized("import", {}), periodic("nightly")]) {
    await fetch(`${demo.address}/v1/jobs`, { method: "POST", body: JSON.stringify({ Job }) });
  }
  // As on Nomad: each replica reaches the cluster by a socket of its own.
  const reaching = async () => await client("anna", await start(`--address=${await socketTo(demo.address)}`));
  const [one, other] = [await reaching(), await reaching()];
  const sent = () => demo.requests.filter(({ method, path }) => acts(method, path)).length;
  const code = /confirm=(\w+)/.exec(await told(one, tool, args))?.[1];
  const before = sent();
  expect(await told(other, tool, { ...args, confirm: code })).not.toContain("code");
  const done = sent();
  expect(done).toBeGreaterThan(before);
  expect(await told(one, tool, { ...args, confirm: code })).toContain(refusal);
  expect(await told(other, tool, { ...args, confirm: code })).toContain("That code was used already");
  expect(sent()).toBe(done);
});

test("replicas are replaced one after the other, under load, and no call fails", { timeout: 60_000 }, async () => {
  const { start } = await team();
  /** Those that the balancer knows. */
  let known: NetworkServer[] = [await start(), await start()];
  let turn = 0;
  let asking = true;
  const statuses: number[] = [];
  const open = new Map<NetworkServer, number>();
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let [server] = known; asking && server !== undefined; server = known[turn++ % known.length]) {
        open.set(server, (open.get(server) ?? 0) + 1);
        const response = await server.rpc("anna", "tools/call", { name: "list_nomad_jobs", arguments: {} });
        expect(await response.text()).toContain("5 jobs in namespace default");
        open.set(server, (open.get(server) ?? 0) - 1);
        statuses.push(response.status);
      }
    }),
  );
  for (const old of [...known]) {
    const fresh = await start();
    // What Nomad does: the new one is found ready, the old one leaves the catalogue, and is told to end once
    // what was on its way has arrived (shutdown_delay).
    expect((await fresh.ask("/readyz")).status).toBe(200);
    known = [...known.filter((server) => server !== old), fresh];
    await expect.poll(() => open.get(old) ?? 0, { timeout: 10_000 }).toBe(0);
    await old.serving.end();
    const before = statuses.length;
    await expect.poll(() => statuses.length, { timeout: 10_000 }).toBeGreaterThan(before + 5);
  }
  asking = false;
  await load;
  expect([...new Set(statuses)]).toEqual([200]);
});
