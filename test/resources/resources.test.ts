import { startDemoCluster } from "demo-cluster";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { openSession } from "../../src/session.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { first } from "../support/edit.ts";
import { children, named, parameterized } from "../support/parents.ts";
import { hosted, openSession as openTestSession, type TestSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function read(uri: string, from: TestSession = session): Promise<string> {
  const { contents } = await from.client.readResource({ uri });
  expect(contents).toMatchObject([{ uri, mimeType: "text/plain" }]);
  return contents.map((each) => ("text" in each ? each.text : "")).join("\n");
}

/** The first call does not know the cluster's clock yet, so that ages differ. */
const ageless = (text: string) => text.replaceAll(/(\d+[dhms])+\b/g, "<age>");

const templates = async (from: TestSession) =>
  (await from.client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate);

describe("a resource is what the tool says", () => {
  test("a job, its evaluations, its log", async () => {
    const ask = async (tool: string, args: object) => (await session.call(tool, { job_id: "checkout", ...args })).text;
    const status = await read("nomad://default/jobs/default/checkout");
    expect(ageless(status)).toBe(ageless(await ask("get_job_status", {})));
    const evaluations = await read("nomad://default/jobs/default/checkout/evaluations");
    expect(ageless(evaluations)).toBe(ageless(await ask("get_job_evaluations", {})));
    const log = await read("nomad://default/logs/default/checkout/worker");
    expect(log).toBe(await ask("get_job_logs", { group: "worker" }));
    expect(log).toContain("| FATAL: cannot reach database");
    expect(await read("nomad://default/jobs/prod/billing")).toContain("billing (service, namespace prod): running");
  });

  test("a run, whose id has a slash in it", async () => {
    await session.register(parameterized("report", {}));
    await session.call("dispatch_job", { job_id: "report" });
    const [run] = await children(session, "report");
    const text = await read(`nomad://default/jobs/default/${encodeURIComponent(run?.ID ?? "")}`);
    expect(named(steady(text)).split("\n", 1)).toMatchInlineSnapshot(`
      [
        "report/dispatch-<run> (batch, namespace default): complete: 1 of 1 finished, version 0 submitted <age>",
      ]
    `);
  });

  test("an allocation and the log of its task", async () => {
    const [{ ID: id }] = await session.nomad<[AllocationStub]>("GET", "/v1/job/web/allocations");
    const status = await read(`nomad://default/allocations/${id}`);
    const { text } = await session.call("get_allocation_status", { allocation_id: id });
    expect(ageless(status)).toBe(ageless(text));
    expect(await read(`nomad://default/logs/${id.slice(0, 8)}/nginx`)).toContain("stdout");
  });

  test("secrets are masked", async () => {
    const task = {
      Name: "server",
      Driver: "mock_driver",
      Config: { run_for: "1s", exit_code: 1, stderr_string: "cannot log in with Zk3-92hq-LLw8-x77p\n" },
      Env: { DB_PASSWORD: "Zk3-92hq-LLw8-x77p" },
      Resources: { CPU: 20, MemoryMB: 16 },
    };
    await session.register(mockJob("leak", {}, { Tasks: [task] }));
    const text = await read("nomad://default/jobs/default/leak");
    expect(text).toContain("cannot log in with [masked]");
    expect(text).not.toContain("Zk3-92hq");
  });
});

describe("a node, a deployment and an evaluation are what their tools say", () => {
  const same = async (uri: string, tool: string, args: object) => {
    const { text, isError } = await session.call(tool, { ...args });
    expect(isError).toBe(false);
    expect(ageless(await read(uri))).toBe(ageless(text));
    return text;
  };

  test("a node, by name and by id", async () => {
    const nodes = await session.nomad<NodeStub[]>("GET", "/v1/nodes");
    const id = nodes.find(({ Name }) => Name === "client-1")?.ID ?? "";
    for (const node of ["client-1", id, id.slice(0, 9)]) {
      expect(await same(`nomad://default/nodes/${node}`, "get_node_status", { node })).toMatch(/^client-1 \(node /);
    }
  });

  test("a deployment", async () => {
    const deployments = await session.nomad<Deployment[]>("GET", "/v1/deployments");
    const { ID } = first(deployments.filter(({ JobID }) => JobID === "web"));
    const text = await same(`nomad://default/deployments/${ID}`, "get_deployment_status", { deployment_id: ID });
    expect(text).toContain(" of web version 0 (namespace default) succeeded ");
  });

  test("an evaluation that could not place", async () => {
    const evaluations = await session.nomad<Evaluation[]>("GET", "/v1/job/ml-train/evaluations");
    const { ID } = first(evaluations.filter(({ Status }) => Status === "blocked"));
    const text = await same(`nomad://default/evaluations/${ID}`, "get_evaluation", { evaluation_id: ID });
    expect(text).toContain(" of ml-train (namespace default): blocked, 1 not placed; ");
  });
});

describe("refused", () => {
  const refused = async (uri: string) =>
    await session.client.readResource({ uri }).then(
      () => "read",
      (error: { code: number; message: string }) => [error.code, error.message],
    );

  test("what is not there, in the words of the tool", async () => {
    expect(await refused("nomad://default/jobs/default/chekout")).toMatchInlineSnapshot(`
      [
        -32602,
        "MCP error -32602: There is no job "chekout" in namespace default. Nearest: checkout.",
      ]
    `);
    expect(await refused("nomad://default/nodes/client-9")).toMatchInlineSnapshot(`
      [
        -32602,
        "MCP error -32602: There is no node "client-9". Nearest: client-1, client-2 and client-3.",
      ]
    `);
    expect(await refused("nomad://default/deployments/00000000")).toMatchInlineSnapshot(`
      [
        -32602,
        "MCP error -32602: There is no deployment that begins with 00000000. It may be gone: Nomad forgets ended ones after a while.",
      ]
    `);
  });

  test("an address of another kind or cluster", async () => {
    for (const uri of ["nomad://prod/jobs/default/web", "nomad://default/volumes/x", "https://example.com/"]) {
      expect(await refused(uri)).toEqual([-32602, expect.stringContaining(`There is no resource "${uri}"`)]);
    }
  });
});

describe("the list", () => {
  test("the jobs of the usual namespace, without runs", async () => {
    const { resources, nextCursor } = await session.client.listResources();
    expect(nextCursor).toBeUndefined();
    expect(resources.map(({ uri, description }) => `${uri}  ${description}`)).toMatchInlineSnapshot(`
      [
        "nomad://default/jobs/default/cache  service, stopped",
        "nomad://default/jobs/default/checkout  service, worker: starting again after failures",
        "nomad://default/jobs/default/ml-train  batch, not placed",
        "nomad://default/jobs/default/nightly-report  batch, periodic, 1 child: 1 ended",
        "nomad://default/jobs/default/web  service, running",
      ]
    `);
  });

  test("is bounded, and its cursor goes on", async () => {
    for (let index = 0; index < 50; index++) await session.register(mockJob(`job-${index}`, {}, { Count: 0 }), 0);
    const page = await session.client.listResources();
    expect(page.resources).toHaveLength(50);
    const rest = await session.client.listResources({ cursor: page.nextCursor });
    expect(rest.nextCursor).toBeUndefined();
    const all = [...page.resources, ...rest.resources].map(({ name }) => name);
    expect([all.length, new Set(all).size, all.includes("web")]).toEqual([55, 55, true]);
  });

  test("is empty where the cluster is away", async () => {
    const away = await openTestSession({ address: "http://127.0.0.1:9" });
    onTestFinished(() => away.close());
    expect((await away.client.listResources()).resources).toEqual([]);
  });
});

describe("gates", () => {
  test("a tool that is hidden has no resource", async () => {
    const all = await templates(session);
    const gated = await demoSession({ disabledTools: ["get_job_logs", "get_job_evaluations"] });
    onTestFinished(() => gated.close());
    const left = await templates(gated);
    expect(all.filter((each) => !left.includes(each))).toMatchInlineSnapshot(`
      [
        "nomad://{cluster}/jobs/{namespace}/{job_id}/evaluations",
        "nomad://{cluster}/logs/{allocation_id}/{task}",
        "nomad://{cluster}/logs/{namespace}/{job_id}/{group}",
      ]
    `);
    await expect(read("nomad://default/jobs/default/web/evaluations", gated)).rejects.toThrow("There is no resource");
    expect(await read("nomad://default/jobs/default/web", gated)).toContain("running");
  });

  test("a namespace that is off limits is so for resources", async () => {
    const gated = await demoSession({ namespaces: ["default"] });
    onTestFinished(() => gated.close());
    await expect(read("nomad://default/jobs/prod/billing", gated)).rejects.toThrow("Namespace prod is off limits");
    expect(await read("nomad://default/nodes/client-1", gated)).not.toContain("billing");
  });
});

test("several clusters: each under its name", async () => {
  const [blue, green] = [await startDemoCluster({ seed: 1 }), await startDemoCluster({ seed: 2, jobs: false })];
  const usual = { namespace: "default", skipVerify: false, systemCa: false, readOnly: false, settingName: String };
  const both = await hosted(
    await openSession({
      ...{ confirm: "host", audit: "changes", demo: false, showVariables: false, readOnly: false, settingName: String },
      clusters: [
        { ...usual, name: "blue", address: blue.address },
        { ...usual, name: "green", address: green.address },
      ],
    }),
  );
  onTestFinished(async () => {
    await both.close();
    await Promise.all([blue.stop(), green.stop()]);
  });
  expect(await read("nomad://blue/jobs/default/web", both)).toMatch(/^Cluster blue:\nweb \(service/);
  await expect(read("nomad://green/jobs/default/web", both)).rejects.toThrow('Cluster green:\nThere is no job "web"');
  const page = await both.client.listResources();
  expect(page.resources.length).toBeGreaterThan(0);
  expect(page.resources.every(({ uri }) => uri.startsWith("nomad://blue/"))).toBe(true);
  expect(await both.client.listResources({ cursor: page.nextCursor })).toEqual({ resources: [] });
  const { messages } = await both.client.getPrompt({
    name: "diagnose-job",
    arguments: { job_id: "web", cluster: "green" },
  });
  expect(messages.map(({ content }) => (content.type === "text" ? content.text : "")).slice(1)).toEqual([
    expect.stringMatching(/^\w+ failed with \(data[^\n]*\n\nCluster green:\nThere is no job "web"/),
    'All of this is about the cluster "green": name it in every call.',
  ]);
  const argument = { name: "job_id", value: "w" };
  const ref = { type: "ref/resource" as const, uri: "nomad://{cluster}/jobs/{namespace}/{job_id}" };
  const suggested = async (cluster: string) =>
    (await both.client.complete({ ref, argument, context: { arguments: { cluster } } })).completion.values;
  expect([await suggested("blue"), await suggested("green")]).toEqual([["web"], []]);
});
