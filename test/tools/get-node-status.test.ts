import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";
import { serveRecorded } from "../support/recorded-server.ts";
import { type RecordedState, recordedState } from "../support/recorded-state.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

/** The first call does not know the cluster's clock yet, so that ages differ. */
const plain = (text: string) =>
  steady(text)
    .replaceAll(/\b(\d+[dhms])+\b/g, "<age>")
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")
    .replaceAll(/ +$/gm, "");
/** Asks about what was recorded of a job, as `edit` changes it. */
async function recorded(job: string, edit: (state: RecordedState) => void, args: Record<string, unknown>) {
  const state = recordedState(job);
  edit(state);
  const server = await serveRecorded(state);
  const over = await openSession({ address: server.address });
  const { text } = await over.call("get_node_status", args);
  await over.close();
  server.close();
  return text;
}
const status = async (node: string) => await session.call("get_node_status", { node });

describe("a node", () => {
  test("that takes work: what it has, what of it is taken, what runs there", async () => {
    const { text, isError } = await status("client-1");
    expect(isError).toBe(false);
    expect(plain(text)).toMatchInlineSnapshot(`
      "client-1 (node <id>, datacenter dc1, pool default): ready, takes work
      Free: 2,850 of 4,000 MHz CPU, 7,168 of 8,192 MB memory; disk 96,000 MB; linux amd64; Nomad 2.0.5
      Drivers: docker, mock_driver and raw_exec healthy
      <age>: Node registered (Cluster)
      5 allocations running or starting here

      job       allocation  id        namespace  state    since
      checkout  worker[0]   <id>  default    pending  <age>
      checkout  api[0]      <id>  default    running  <age>
      billing   billing[0]  <id>  prod       running  <age>
      web       web[0]      <id>  default    running  <age>
      web       web[2]      <id>  default    running  <age>"
    `);
  });

  test("is found by its name, its id, and the beginning of that, whatever its case and dashes", async () => {
    const nodes = await session.nomad<NodeStub[]>("GET", "/v1/nodes");
    const id = nodes.find(({ Name }) => Name === "client-1")?.ID ?? "";
    const { text } = await status("client-1");
    for (const given of [id, id.slice(0, 8), id.slice(0, 9).toUpperCase(), id.slice(0, 15).replaceAll("-", "")]) {
      expect(plain((await status(given)).text), given).toBe(plain(text));
    }
  });

  test("that is drained: how much has still to move, and how that is called off", async () => {
    session.demo.drainNode("client-2");
    const { text } = await status("client-2");
    expect(plain(text).split("\n")[0]).toMatch(/draining.*, takes no new work: \d+ allocations? still to move/);
    expect(text).toContain(
      `\nNext: when the drain of client-2 is no longer wanted: drain_node node=client-2 cancel=true`,
    );
  });

  test("that is ineligible: how it takes work again", async () => {
    session.demo.setEligibility("client-2", false);
    const { text } = await status("client-2");
    expect(plain(text).split("\n")[0]).toMatch(/: ineligible, takes no new work$/);
    expect(text).toContain("\nNext: let client-2 take work again: set_node_eligibility node=client-2 eligible=true");
  });

  test("that is down: since when, what was lost with it, where to look", async () => {
    session.demo.setNodeStatus("client-1", "down");
    await session.clock.advance(120_000);
    expect(plain((await status("client-1")).text)).toMatchInlineSnapshot(`
      "client-1 (node <id>, datacenter dc1, pool default): down for <age>, takes no work
      Has: 4,000 MHz CPU, 8,192 MB memory; disk 96,000 MB; linux amd64; Nomad 2.0.5
      Drivers: docker, mock_driver and raw_exec healthy
      <age>: Node registered (Cluster)
      <age>: Node heartbeat missed (Cluster)
      5 allocations lost or out of sight with it

      job       allocation  id        namespace  state           since
      checkout  worker[0]   <id>  default    lost, replaced  <age>
      checkout  api[0]      <id>  default    lost, replaced  <age>
      billing   billing[0]  <id>  prod       lost, replaced  <age>
      web       web[0]      <id>  default    lost, replaced  <age>
      web       web[2]      <id>  default    lost, replaced  <age>

      Next: see whether the Nomad client runs on its machine and reaches the servers, and start it again; find_problems says which jobs suffer"
    `);
  });

  test("whose driver does not work", async () => {
    const broken = { docker: { Detected: true, Healthy: false, HealthDescription: "Failed to connect" } };
    const text = await recorded(
      "web",
      ({ nodes }) => nodes.forEach((node) => void Object.assign(node, { Drivers: broken })),
      { node: "dev-1" },
    );
    expect(plain(text).split("\n")[0]).toMatch(/: ready, takes work, but docker is unhealthy$/);
    expect(text).toContain("\nDrivers: none healthy; docker is unhealthy: Failed to connect\n");
    expect(text).toContain("\nNext: repair docker on 127.0.0.1; until then nothing that needs it is placed there");
  });

  test("with devices: how many are free, and which are unhealthy", async () => {
    const kind = { Vendor: "nvidia", Type: "gpu", Name: "T4" };
    const instances = ["a", "b", "c"].map((ID) => ({ ID, Healthy: ID !== "c" }));
    const text = await recorded(
      "web",
      ({ nodes, allocations }) => {
        for (const { NodeResources } of nodes) {
          Object.assign(NodeResources ?? {}, { Devices: [{ ...kind, Instances: instances }] });
        }
        const given = { Cpu: { CpuShares: 100 }, Memory: { MemoryMB: 256 }, Devices: [{ ...kind, DeviceIDs: ["a"] }] };
        Object.assign(allocations[0] ?? {}, { AllocatedResources: { Tasks: { server: given } } });
      },
      { node: "dev-1" },
    );
    expect(text).toContain(
      "\nFree: 3,900 of 4,000 MHz CPU, 7,936 of 8,192 MB memory; disk 258,019 MB; devices 1 of 3 nvidia/gpu/T4 free (1 unhealthy);",
    );
  });

  test("on which more runs than is shown", async () => {
    const only = [{ LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" }];
    await session.register(mockJob("many", {}, { Count: 30 }, { Constraints: only }));
    const { text } = await status("client-3");
    expect(text).toMatch(/\n3\d allocations running or starting here, the newest 20 below\n/);
    expect(text.split("\n").filter((line) => line.startsWith("many "))).toHaveLength(20);
  });
});

describe("refused", () => {
  test("a name that there is not, with the nearest", async () => {
    const { text, isError } = await status("client-9");
    expect(isError).toBe(true);
    expect(text).toBe('There is no node "client-9". Nearest: client-1, client-2 and client-3.');
  });

  test("the name of a job, or the id of something else: with what shows that", async () => {
    expect((await status("ml-train")).text).toBe(
      'There is no node "ml-train". That is a job: get_job_status job_id=ml-train.',
    );
    const [evaluation] = await session.nomad<{ ID: string }[]>("GET", "/v1/evaluations");
    const id = evaluation?.ID.slice(0, 8);
    expect((await status(id ?? "")).text).toBe(
      `There is no node "${id}". That is the id of an evaluation: get_evaluation evaluation_id=${id}.`,
    );
  });
});

test("two nodes of one name: which they are", async () => {
  const twin = ({ ID, ...node }: NodeStub): NodeStub => ({ ...node, ID: `ffffffff${ID.slice(8)}`, Status: "down" });
  const text = await recorded("web", (state) => void state.nodes.push(...state.nodes.map(twin)), { node: "dev-1" });
  expect(plain(text)).toBe("2 nodes fit dev-1: <id> (dev-1, ready) and <id> (dev-1, down). Name one by its id.");
});

test("without read-job it tells of the node, and says what it could not see", async () => {
  const watching = guard(["node:read"]);
  const { text, isError } = (await watching.watch(() => status("client-1"))).result;
  watching.remove();
  expect(isError).toBe(false);
  expect(text).toContain("Has: 4,000 MHz CPU, 8,192 MB memory; ");
  expect(text).toContain("What runs there could not be read (the token needs read-job).");
});
