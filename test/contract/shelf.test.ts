import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import type { Reply } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

const said = ({ status, text }: Reply) => `${status} ${text}`;

contract("namespaces, node pools, volumes, services and servers", (test) => {
  test("a namespace is made, replaced whole, and not deleted while it is in use", async ({ nomad }) => {
    const name = nomad.id("space");
    const path = `/v1/namespace/${name}`;
    nomad.undo(() => nomad.send("DELETE", path));
    const made = await nomad.send("PUT", "/v1/namespace", {
      body: {
        Name: name,
        Description: "d",
        Meta: { team: "core" },
        Capabilities: { DisabledTaskDrivers: ["raw_exec"] },
      },
    });
    expect(said(made)).toBe("200 ");
    expect(await nomad.get(path)).toMatchObject({ Description: "d", Meta: { team: "core" }, CreateIndex: made.index });
    const replaced = await nomad.send("PUT", path, { body: { Name: name, Description: "other" } });
    expect(await nomad.get(path)).toMatchObject({
      ...{ Description: "other", Meta: null, Capabilities: null, Quota: "" },
      ...{ CreateIndex: made.index, ModifyIndex: replaced.index },
    });
    const listed = await nomad.get<{ Name: string }[]>("/v1/namespaces", { prefix: name });
    expect(listed.map(({ Name }) => Name)).toEqual([name]);

    const job = nomad.id("in-space");
    await nomad.register(mockJob(job, {}, noDeployment, { Namespace: name }), {}, { namespace: name });
    const running = (all: { ClientStatus: string }[]) => all.some(({ ClientStatus }) => ClientStatus === "running");
    await nomad.until(`/v1/job/${job}/allocations`, running, { query: { namespace: name } });
    await nomad.send("PUT", `/v1/var/${job}`, { query: { namespace: name }, body: { Items: { a: "b" } } });
    const has = (what: string) => `\t* namespace "${name}" has ${what} in regions: [global]\n`;
    expect(said(await nomad.send("DELETE", path))).toBe(
      `500 3 errors occurred:\n${has("non-terminal jobs")}${has("non-terminal allocations")}${has("variables associated with it")}\n`,
    );
    await nomad.send("DELETE", `/v1/var/${job}`, { query: { namespace: name } });
    await nomad.send("DELETE", `/v1/job/${job}`, { query: { namespace: name, purge: true } });
    expect(said(await nomad.send("DELETE", path))).toBe("200 ");
    expect(said(await nomad.send("GET", path))).toBe("404 Namespace not found");
    expect(said(await nomad.send("DELETE", path))).toBe("500 namespace not found");
  });

  test("refused: namespaces and node pools", async ({ nomad }) => {
    const ask = (method: string, path: string, body?: object) => nomad.send(method, path, body ? { body } : {});
    const none = nomad.id("none");
    const answers = [
      await ask("DELETE", "/v1/namespace/default"),
      await ask("PUT", "/v1/namespace", { Name: "a_b" }),
      await ask("PUT", "/v1/namespace/x", { Name: "y" }),
      await ask("GET", "/v1/namespace/"),
      await ask("PUT", "/v1/node/pools", { Name: "default" }),
      await ask("PUT", "/v1/node/pools", { Name: "a b" }),
      await ask("PUT", "/v1/node/pool/x", { Description: "d" }),
      await ask("GET", `/v1/node/pool/${none}`),
      await ask("GET", `/v1/node/pool/${none}/nodes`),
      await ask("GET", `/v1/node/pool/${none}/jobs`),
      await ask("DELETE", `/v1/node/pool/${none}`),
      await ask("GET", "/v1/volumes?type=other"),
      await ask("GET", "/v1/volumes?type=csi"),
      await ask("DELETE", "/v1/volume/host/5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11"),
      await ask("GET", "/v1/volume/host/5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11"),
      await ask("GET", `/v1/service/${none}`),
    ];
    expect(answers.map(said)).toEqual([
      "500 can not delete default namespace",
      '500 Invalid namespace "a_b": 1 error occurred:\n\t* invalid name "a_b". Must match regex ^[a-zA-Z0-9-]{1,128}$\n\n',
      "400 Namespace name does not match request path",
      "400 Missing Namespace Name",
      '400 modifying node pool "default" is not allowed',
      '400 invalid node pool "a b": 1 error occurred:\n\t* invalid name "a b", must match regex ^[a-zA-Z0-9-_]{1,128}$\n\n',
      "400 Node pool name does not match request path",
      "404 node pool not found",
      "200 []",
      "200 []",
      `500 node pool ${none} not found`,
      "404 resource not found",
      "200 []",
      "500 no such volume: 5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11",
      "404 volume not found",
      "200 []",
    ]);
  });

  test("a node pool: its jobs and nodes, and what keeps it", async ({ nomad }) => {
    const pool = nomad.id("pool");
    const path = `/v1/node/pool/${pool}`;
    nomad.undo(() => nomad.send("DELETE", path));
    const made = await nomad.send("PUT", "/v1/node/pools", {
      body: { Name: pool, Description: "d", Meta: { a: "b" } },
    });
    expect(await nomad.get(path)).toMatchObject({ Name: pool, Meta: { a: "b" }, CreateIndex: made.index });
    await nomad.send("PUT", path, { body: { Name: pool, Description: "new" } });
    expect(await nomad.get(path)).toMatchObject({ Description: "new", Meta: null, SchedulerConfiguration: null });
    const job = nomad.id("pooled");
    await nomad.submit(mockJob(job, {}, noDeployment, { NodePool: pool }));
    expect(await nomad.get(`${path}/jobs`)).toMatchObject([{ ID: job, NodePool: pool }]);
    expect(await nomad.get(`${path}/nodes`)).toEqual([]);
    expect(said(await nomad.send("DELETE", path))).toBe(
      `500 1 error occurred:\n\t* node pool "${pool}" has non-terminal jobs in regions: [global]\n\n`,
    );
    await nomad.stop(job, { purge: true });
    expect(said(await nomad.send("DELETE", path))).toBe("200 ");
    const nodes = await nomad.get<object[]>("/v1/nodes");
    expect(await nomad.get<object[]>("/v1/node/pool/all/nodes")).toHaveLength(nodes.length);
  });

  test("a host volume: listed, in use, and not placed", async ({ nomad }) => {
    const Name = nomad.id("volume");
    const create = (Volume: object) =>
      nomad.send("PUT", "/v1/volume/host/create", { body: { Volume: { Name, ...Volume } } });
    const RequestedCapabilities = [{ AttachmentMode: "file-system", AccessMode: "single-node-writer" }];
    const [node] = await nomad.get<{ ID: string; Name: string }[]>("/v1/nodes");
    const refused = [
      await create({ PluginID: "nope", RequestedCapabilities }),
      await create({ Name: "", PluginID: "mkdir", RequestedCapabilities }),
      await create({ PluginID: "mkdir", NodePool: "nope", RequestedCapabilities }),
    ];
    const infeasible = (await nomad.get<object[]>("/v1/nodes")).length;
    expect(refused.map(said)).toEqual([
      `500 could not place volume "${Name}": no node meets constraints: 0 nodes had existing volume, 0 nodes filtered by node pool governance, ${infeasible} nodes were infeasible`,
      "500 volume validation failed: missing name",
      `500 validating volume "${Name}" against state failed: node pool "nope" does not exist`,
    ]);
    await nomad.volume(Name, node?.Name ?? "", "single-node-writer");
    const filter = `Name == "${Name}"`;
    const [listed] = await nomad.get<{ ID: string }[]>("/v1/volumes", { type: "host", filter });
    expect(Object.keys(listed ?? {}).toSorted()).toEqual(
      [
        ...["CapacityBytes", "CreateIndex", "CreateTime", "ID", "ModifyIndex", "ModifyTime", "Name", "Namespace"],
        ...["NodeID", "NodePool", "PluginID", "State"],
      ].toSorted(),
    );
    const twice = await create({ PluginID: "mkdir", NodeID: node?.ID, RequestedCapabilities });
    expect(said(twice)).toContain("volume name already exists on this node");
    const group = { ...noDeployment, Volumes: { data: { Name: "data", Type: "host", Source: Name } } };
    const job = await nomad.running("mounts", {}, group);
    const [user] = await nomad.allocations(job, () => true);
    expect(said(await nomad.send("DELETE", `/v1/volume/host/${listed?.ID}`))).toBe(
      `500 volume ${listed?.ID} in use by allocations: [${user?.ID}]`,
    );
    await nomad.stop(job);
  });

  test("services are listed by namespace, and what servers say of themselves", async ({ nomad }) => {
    const service = nomad.id("service");
    const Services = [{ Name: service, Provider: "nomad", Tags: ["v1"] }];
    await nomad.running("serves", {}, { ...noDeployment, Count: 2, Services });
    const has = (all: { Services: { ServiceName: string }[] }[]) =>
      all.some(({ Services }) => Services.some(({ ServiceName }) => ServiceName === service));
    const all = await nomad.until<{ Namespace: string; Services: { ServiceName: string }[] }[]>("/v1/services", has);
    const own = all.flatMap(({ Services }) => Services).filter(({ ServiceName }) => ServiceName === service);
    expect(own).toEqual([{ ServiceName: service, Tags: ["v1"] }]);
    const job = nomad.id("serves");
    const both = await nomad.until<{ AllocID: string }[]>(`/v1/job/${job}/services`, (now) => now.length === 2);
    for (const { AllocID } of both)
      expect(await nomad.get(`/v1/allocation/${AllocID}/services`)).toMatchObject([
        { AllocID, JobID: job, ServiceName: service, ID: `_nomad-task-${AllocID}-group-api-${service}-` },
      ]);
    expect(said(await nomad.send("GET", `/v1/job/${nomad.id("none")}/services`))).toBe("404 job not found");
    const nobody = await nomad.send("GET", "/v1/allocation/5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11/services");
    expect(said(nobody)).toBe("404 allocation not found");
    const raft = await nomad.get("/v1/operator/raft/configuration");
    const { Leader } = await nomad.get<{ Leader: string }>("/v1/operator/autopilot/health");
    expect(raft).toMatchObject({ Servers: [{ ID: Leader, Leader: true, Voter: true, RaftProtocol: "3" }] });
    const members = await nomad.get<{ Members: { Tags: object }[] }>("/v1/agent/members");
    expect(members.Members[0]?.Tags).toMatchObject({ id: Leader });
    expect(await nomad.get("/v1/operator/autopilot/configuration")).toMatchObject({ CleanupDeadServers: true });
  });
});
