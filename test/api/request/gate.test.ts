import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import { type GatedRequest, type NamespaceGate, namespaceGate } from "../../../src/api/request/gate.ts";
import { permits } from "../../../src/api/request/permits.ts";
import { allocations } from "../../../src/endpoints/allocations.ts";
import type { ListRoute } from "../../../src/endpoints/endpoint.ts";
import { jobs } from "../../../src/endpoints/jobs.ts";
import { variables } from "../../../src/endpoints/variables.ts";
import { NomadClient } from "../../../src/nomad-client.ts";
import { routeAt } from "../../support/raw/route-at.ts";

interface Named {
  readonly ID: string;
  readonly Namespace: string;
}

let demo: DemoCluster;
let nomad: NomadClient;
/** An allocation of each namespace, and what belongs to that of prod. */
let inDefault: Named;
let inProd: Named & { readonly EvalID: string };

beforeAll(async () => {
  demo = await startDemoCluster({ clock: virtualClock(), seed: 1 });
  nomad = new NomadClient({
    ...{ base: demo.address, namespace: "*", readOnly: false },
    fetch,
  });
  const one = async (namespace: string) => {
    const query = { namespace, per_page: 1, filter: 'DeploymentID != ""' };
    const [found] = (await nomad.list(allocations.list, query)).items;
    if (found === undefined) throw new Error(`no allocation in ${namespace}`);
    return found;
  };
  [inDefault, inProd] = await Promise.all([one("default"), one("prod")]);
});
afterAll(() => demo.stop());

/** A gate before the demo cluster, as the client uses it: what was asked, and what may be seen of the reply. */
function gated(...allowed: string[]) {
  const gate = namespaceGate(allowed, "NAMESPACES");
  const lookedUp: string[] = [];
  const enter = (request: GatedRequest) =>
    gate.enter(request, async (at, query) => {
      lookedUp.push(at.path);
      return await read<Named[]>(at.path, query);
    });
  async function read<T>(at: string, asked: GatedRequest["query"]): Promise<T> {
    const query = await enter({ route: routeAt("GET", at), path: at, query: asked });
    const url = new URL(`${demo.address}${at}`);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const response = await fetch(url);
    if (!response.ok) throw new Error(await response.text());
    return gate.leave(routeAt("GET", at), at, await response.json()) as T;
  }
  /** What a request that was let through would ask with; or the sentence of the refusal. */
  const tries = async (method: string, at: string, query: GatedRequest["query"], body?: unknown) => {
    try {
      return await enter({ route: routeAt(method, at), path: at, query, body });
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
  };
  return { read, tries, lookedUp };
}

const request = (method: string, path: string) => ({ route: routeAt(method, path), path });
const leave = (gate: NamespaceGate, path: string, reply: unknown) => gate.leave(routeAt("GET", path), path, reply);
const namespaces = (rows: readonly { Namespace: string }[]) => [...new Set(rows.map(({ Namespace }) => Namespace))];
const refused = expect.stringMatching(/this server may touch only namespace/);

test("what may be touched", () => {
  expect([permits(undefined, "prod"), permits(["prod"], "prod"), permits(["prod"], "default")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(permits(["prod"], "*")).toBe(false);
});

describe("a list", () => {
  test.each(["jobs", "allocations", "evaluations", "deployments"])(
    "of all %s is of those that are allowed",
    async (what) => {
      const all = await gated("default", "prod", "dev").read<Named[]>(`/v1/${what}`, { namespace: "*" });
      expect(namespaces(all).sort()).toEqual(["default", "prod"]);
      const some = await gated("prod", "dev").read<Named[]>(`/v1/${what}`, { namespace: "*" });
      expect(namespaces(some)).toEqual(["prod"]);
      const one = await gated("prod").read<Named[]>(`/v1/${what}`, { namespace: "*" });
      expect(one).toEqual(some);
      expect(await gated("dev", "test").read(`/v1/${what}`, { namespace: "*" })).toEqual([]);
    },
  );

  test("is filtered by Nomad itself, so that pages are whole", async () => {
    const query = { namespace: "*", per_page: 1, filter: 'Type == "service"' };
    expect(await gated("prod", "dev").tries("GET", "/v1/jobs", query)).toEqual({
      ...query,
      filter: "Type == `service` and (Namespace == `prod` or Namespace == `dev`)",
    });
    expect(await gated("prod", "dev").read("/v1/jobs", query)).toHaveLength(1);
  });

  test("is not asked with a filter that would undo this", async () => {
    const filter = 'ID == "x") or (ID != "x"';
    expect(await gated("prod", "dev").tries("GET", "/v1/jobs", { namespace: "*", filter })).toMatchInlineSnapshot(
      `"The filter cannot be read: expected and, or, or the end at character 10, before ") or (ID != \\"x\\""."`,
    );
  });

  test("has tokens of what may be seen only, also where Nomad filters nothing", async () => {
    const hidden = { "x-nomad-nexttoken": "hidden.x" };
    const pages = new Map<string | null, { rows: object[]; headers?: Record<string, string> }>([
      [null, { rows: [{ ID: "a", Path: "a", Namespace: "prod" }], headers: hidden }],
      ["hidden.x", { rows: [{ ID: "x", Path: "x", Namespace: "hidden" }], headers: { "x-nomad-nexttoken": "prod.b" } }],
      ["prod.b", { rows: [{ ID: "b", Path: "b", Namespace: "prod" }], headers: hidden }],
    ]);
    const answer = (token: string | null) => {
      const { rows = [], headers = {} } = pages.get(token) ?? {};
      return new Response(JSON.stringify(rows), { headers: { "content-type": "application/json", ...headers } });
    };
    const client = new NomadClient({
      ...{ base: "http://nomad.test", namespace: "*", readOnly: true, gate: namespaceGate(["prod", "dev"], "NS") },
      fetch: async (input) => answer(new URL(String(input)).searchParams.get("next_token")),
    });
    for (const route of [jobs.list, variables.list]) {
      const asked: ListRoute<object> = route;
      expect((await client.list(asked, { per_page: 1 })).next).toBe("prod.b");
    }
    pages.set("prod.b", { rows: [] });
    expect((await client.list(jobs.list, { per_page: 1 })).next).toBeUndefined();
  });

  test("what a plan or a search tells of other namespaces is left out", () => {
    const gate = namespaceGate(["prod", "dev"], "NS");
    const victims = [
      { ID: "1", Namespace: "prod" },
      { ID: "2", Namespace: "hidden" },
    ];
    expect(leave(gate, "/v1/job/web/plan", { Annotations: { PreemptedAllocs: victims } })).toEqual({
      Annotations: { PreemptedAllocs: [victims[0]] },
    });
    const names = { Matches: { namespaces: ["prod", "hidden"] }, Truncations: { namespaces: true } };
    const fuzzy = { Matches: { namespaces: [{ ID: "hidden" }, { ID: "dev" }] }, Truncations: {} };
    expect(leave(gate, "/v1/search", names)).toEqual({
      ...{ Matches: { namespaces: ["prod"] }, Truncations: { namespaces: false } },
    });
    expect(leave(gate, "/v1/search/fuzzy", fuzzy)).toMatchObject({ Matches: { namespaces: [{ ID: "dev" }] } });
  });

  test("of another namespace is refused", async () => {
    expect(await gated("prod").tries("GET", "/v1/jobs", { namespace: "default" })).toMatchInlineSnapshot(
      `"Namespace default is off limits: this server may touch only namespace prod (NAMESPACES). Nothing was sent to Nomad."`,
    );
  });

  test("that cannot be kept to some is refused, and told how to ask", async () => {
    const ask = gated("prod", "dev").tries("POST", "/v1/search", { namespace: "*" }, { Prefix: "a", Context: "jobs" });
    expect(await ask).toMatchInlineSnapshot(
      `"/v1/search cannot be asked of several namespaces at once: name one with namespace=; this server may touch only namespaces prod and dev (NAMESPACES)."`,
    );
  });

  test("of what does not say where it is shows nothing", async () => {
    const gate = namespaceGate(["prod", "dev"], "NAMESPACES");
    expect(leave(gate, "/v1/services", [{ Namespace: "prod" }, { Namespace: "default" }, {}, null, "x"])).toEqual([
      { Namespace: "prod" },
    ]);
    expect(leave(gate, "/v1/vars", [{ Path: "a" }])).toEqual([]);
  });

  test("of a node's allocations, wherever they are, is of those that are allowed", () => {
    const gate = namespaceGate(["prod"], "NAMESPACES");
    expect(leave(gate, "/v1/node/x/allocations", [inDefault, inProd])).toEqual([inProd]);
    expect(leave(gate, "/v1/namespaces", [{ Name: "default" }, { Name: "prod" }])).toEqual([{ Name: "prod" }]);
    expect(leave(gate, "/v1/nodes", [{ ID: "a" }])).toEqual([{ ID: "a" }]);
  });
});

describe("one object, which Nomad gives whatever the namespace of the request", () => {
  const whole = (allocation: Named & { EvalID?: string }) => [
    `/v1/allocation/${allocation.ID}`,
    ...(allocation.EvalID ? [`/v1/evaluation/${allocation.EvalID}`] : []),
  ];

  test("is shown where it is allowed, without another request", async () => {
    const { read, lookedUp } = gated("prod");
    for (const at of whole(inProd)) expect((await read<Named>(at, { namespace: "prod" })).Namespace).toBe("prod");
    expect(lookedUp).toEqual([]);
  });

  test("is not shown where it is not", async () => {
    for (const at of whole(inProd)) {
      const read = gated("default").read(at, { namespace: "default" });
      await expect(read).rejects.toThrow("That is in another namespace: this server may touch only namespace default");
    }
  });

  const ways = (id: string): [string, string][] => [
    ["GET", `/v1/client/fs/logs/${id}`],
    ["GET", `/v1/client/fs/cat/${id}`],
    ["GET", `/v1/client/allocation/${id}/stats`],
    ["PUT", `/v1/client/allocation/${id}/restart`],
    ["GET", `/v1/client/allocation/${id}/restart`],
    ["PUT", `/v1/allocation/${id}/stop`],
  ];

  test("is looked up before its log is read or it is restarted", async () => {
    for (const [method, at] of ways(inProd.ID)) {
      expect(await gated("default").tries(method, at, { namespace: "default" })).toEqual(refused);
      expect(await gated("prod").tries(method, at, { namespace: "prod" })).toEqual({ namespace: "prod" });
    }
  });

  test("is looked up once", async () => {
    const { tries, lookedUp } = gated("prod", "dev");
    for (const [method, at] of ways(inProd.ID)) await tries(method, at, { namespace: "prod" });
    expect(lookedUp).toEqual(["/v1/allocations"]);
  });

  test("needs no look-up when it came in a list, or was read", async () => {
    const { tries, read, lookedUp } = gated("prod");
    await read("/v1/allocations", { namespace: "prod", per_page: 50 });
    await tries("PUT", `/v1/allocation/${inProd.ID}/stop`, { namespace: "prod" });
    await read(`/v1/evaluation/${inProd.EvalID}`, { namespace: "prod" });
    await tries("GET", `/v1/evaluation/${inProd.EvalID}/allocations`, { namespace: "prod" });
    expect(lookedUp).toEqual([]);
  });

  test("is not let in by a job that bears its id", async () => {
    const gate = namespaceGate(["prod"], "NAMESPACES");
    leave(gate, "/v1/jobs", [{ ID: inDefault.ID, Namespace: "prod" }]);
    const stop = { ...request("PUT", `/v1/allocation/${inDefault.ID}/stop`), query: { namespace: "prod" } };
    await expect(gate.enter(stop, async () => [])).rejects.toThrow("is gone, or in another namespace");
  });

  test("that is gone is refused, too", async () => {
    const { tries } = gated("prod");
    const at = "/v1/allocation/00000000-0000-4000-8000-000000000000/stop";
    expect(await tries("PUT", at, { namespace: "prod" })).toMatchInlineSnapshot(
      `"The allocation 00000000 is gone, or in another namespace: this server may touch only namespace prod (NAMESPACES). Nothing was changed."`,
    );
  });

  test("named in the query of an action is looked up, too", async () => {
    const query = { namespace: "default", allocID: inProd.ID };
    expect(await gated("default").tries("GET", "/v1/job/web/action", query)).toEqual(refused);
  });
});

describe("a change", () => {
  test.each<[string, string, unknown]>([
    ["of a variable", "/v1/var/a", { Namespace: "prod", Items: {} }],
    ["of a variable, in Go's other case", "/v1/var/a", { namespace: "prod", Items: {} }],
    ["of a host volume", "/v1/volume/host/create", { Volume: { Namespace: "prod" } }],
    ["of a CSI volume", "/v1/volume/csi/a", { Volumes: [{ Namespace: "prod" }] }],
    ["of a job", "/v1/jobs", { Job: { ID: "a", Namespace: "prod" } }],
  ])("%s cannot name another namespace in its body", async (_, at, body) => {
    expect(await gated("default").tries("PUT", at, { namespace: "default" }, body)).toEqual(refused);
    expect(await gated("default", "prod").tries("PUT", at, { namespace: "default" }, body)).toEqual({
      namespace: "default",
    });
  });

  test("of Consul's or Vault's namespace is none of Nomad's", async () => {
    const body = { Job: { ID: "a", TaskGroups: [{ Consul: { Namespace: "prod" } }] } };
    expect(await gated("default").tries("POST", "/v1/jobs", { namespace: "default" }, body)).toEqual({
      namespace: "default",
    });
  });

  test.each([
    ["POST", "/v1/node/4fa7a59b/drain"],
    ["PUT", "/v1/system/gc"],
    ["GET", "/v1/client/gc"],
    ["DELETE", "/v1/evaluations"],
    ["DELETE", "/v1/namespace/default"],
    ["DELETE", "/v1/namespace/prod"],
    ["GET", "/v1/operator/snapshot"],
  ])("%s %s reaches beyond one namespace and is refused", async (method, at) => {
    expect(await gated("default").tries(method, at, { namespace: "default" })).toEqual(refused);
  });

  test("of the whole cluster is refused with the reason", async () => {
    expect(await gated("default").tries("PUT", "/v1/system/gc", { namespace: "default" })).toMatchInlineSnapshot(
      `"That touches all namespaces at once: this server may touch only namespace default (NAMESPACES). Nothing was sent to Nomad."`,
    );
  });
});

test("what belongs to no namespace is asked in one that is allowed", async () => {
  const { tries, read } = gated("prod");
  expect(await tries("POST", "/v1/jobs/parse", { namespace: "default" }, { JobHCL: "" })).toEqual({
    namespace: "prod",
  });
  expect((await read<unknown[]>("/v1/nodes", { namespace: "*" })).length).toBeGreaterThan(1);
});

test("remembers a bounded number of ids", async () => {
  const gate = namespaceGate(["prod"], "NAMESPACES");
  const rows = Array.from({ length: 10_000 }, (_, number) => ({ ID: String(number), Namespace: "prod" }));
  leave(gate, "/v1/allocations", rows);
  const lookedUp: unknown[] = [];
  for (const { ID } of rows) {
    const stop = { ...request("PUT", `/v1/allocation/${ID}/stop`), query: { namespace: "prod" } };
    await gate.enter(stop, async (_, query) => {
      lookedUp.push(query.prefix);
      return [{ ID, Namespace: "prod" }];
    });
  }
  expect(lookedUp.length).toBeGreaterThan(5_000);
});
