import { expect } from "vitest";
import { filterText, isFault, parseFilter } from "../../src/api/request/filter.ts";
import { literal } from "../../src/api/request/path.ts";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { JobStatuses, JobStub } from "../../src/endpoints/jobs.ts";
import { insideFilter } from "../../src/nomad/cluster/search/inside.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import {
  ending,
  failingAtOnce,
  neverRescheduled,
  noDeployment,
  noRestart,
  nowhere,
  quickDeployment,
} from "./support/jobs.ts";

/** A filter as it is sent where it was read as a tree. */
function rewritten(text: string): string {
  const read = parseFilter(text);
  if (isFault(read)) throw new Error(`${text}: ${read.fault}`);
  return filterText(read);
}

/** Reads a list page by page, and gives the ids of each page. */
async function pages(nomad: Cluster, path: string, query: object): Promise<string[][]> {
  const found: string[][] = [];
  let next: string | undefined;
  do {
    const { status, text, headers } = await nomad.send("GET", path, { query: { ...query, next_token: next } });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    const items: { ID: string }[] = JSON.parse(text);
    found.push(items.map(({ ID }) => ID));
    next = headers.get("x-nomad-nexttoken") || undefined;
  } while (next !== undefined && found.length < 20);
  return found;
}

contract("lists", (test) => {
  test("the statuses of jobs that are asked for by name: what is wanted, all allocations, the last deployment", async ({
    nomad,
  }) => {
    const job = nomad.id("statuses");
    await nomad.submit(mockJob(job, {}, { Count: 2, ...quickDeployment }));
    await nomad.deployment(job, "successful");
    const Jobs = [{ ID: job, Namespace: "default" }];
    const body = { Jobs, IncludeChildren: true };
    const [only, ...others] = await nomad.ask<JobStatuses[]>("POST", "/v1/jobs/statuses", { body });
    expect(others).toEqual([]);
    const well = { ClientStatus: "running", JobVersion: 0, DeploymentStatus: { Canary: false, Healthy: true } };
    expect(only).toMatchObject({
      ...{ ID: job, Namespace: "default", Version: 0, GroupCountSum: 2 },
      Allocs: [well, well],
      LatestDeployment: {
        ...{ IsActive: false, JobVersion: 0, Status: "successful", AllAutoPromote: false, RequiresPromotion: false },
      },
    });
    expect(await nomad.send("POST", "/v1/jobs/statuses", { body: { Jobs: [] } })).toMatchObject({ status: 400 });
  });

  test("jobs come in the order of their ids, page by page, each once", async ({ nomad }) => {
    const ids = ["a", "b", "c", "d", "e"].map((stem) => nomad.id(`page-${stem}`));
    const stopped = nomad.id("page-bb");
    for (const id of [...ids.toReversed(), stopped]) await nomad.submit(mockJob(id, {}, nowhere));
    await nomad.stop(stopped);
    const own = `ID matches \`^contract-page-.*${ids[0]?.slice(-6)}$\` and Stop == false`;
    const query = { prefix: "contract-page-", filter: own };
    const [a, b, c, d, e] = ids;
    expect(await pages(nomad, "/v1/jobs", { ...query, per_page: 2 })).toEqual([[a, b], [c, d], [e]]);
    expect(await pages(nomad, "/v1/jobs", { ...query, per_page: 2, reverse: true })).toEqual([[e, d], [c, b], [a]]);
    expect((await pages(nomad, "/v1/jobs", { ...query, per_page: 5 }))[0]).toHaveLength(5);
    expect(await pages(nomad, "/v1/jobs", { ...query, namespace: "*", per_page: 3 })).toEqual([
      [a, b, c],
      [d, e],
    ]);
    // The job that the token names may be gone by the time it is used.
    const first = await nomad.send("GET", "/v1/jobs", { query: { ...query, per_page: 2 } });
    await nomad.stop(c ?? "", { purge: true });
    const next_token = first.headers.get("x-nomad-nexttoken") ?? "";
    const rest = await nomad.get<JobStub[]>("/v1/jobs", { ...query, per_page: 2, next_token });
    expect(rest.map(({ ID }) => ID)).toEqual([d, e]);
  });

  test("allocations and evaluations come in the order in which they were made, page by page", async ({ nomad }) => {
    const job = nomad.id("order");
    await nomad.submit(mockJob(job, {}, { Count: 3, ...noDeployment }));
    await nomad.submit(mockJob(job, {}, { Count: 5, ...noDeployment }));
    const order = (one: AllocationStub, other: AllocationStub) =>
      one.CreateIndex - other.CreateIndex || (one.ID < other.ID ? -1 : 1);
    const all = (await nomad.get<AllocationStub[]>(`/v1/job/${job}/allocations`)).toSorted(order).map(({ ID }) => ID);
    expect(all).toHaveLength(5);
    const query = { filter: `JobID == ${literal(job)}` };
    expect(await pages(nomad, "/v1/allocations", { ...query, per_page: 2 })).toEqual([
      all.slice(0, 2),
      all.slice(2, 4),
      all.slice(4),
    ]);
    const backwards = all.toReversed();
    expect(await pages(nomad, "/v1/allocations", { ...query, per_page: 3, reverse: true })).toEqual([
      backwards.slice(0, 3),
      backwards.slice(3),
    ]);
    const evaluations = await nomad.get<Evaluation[]>("/v1/evaluations", { ...query, reverse: true, per_page: 5 });
    expect(evaluations.map(({ TriggeredBy }) => TriggeredBy)).toEqual(["job-register", "job-register"]);
    const [newest, oldest] = evaluations;
    expect(newest?.CreateIndex).toBeGreaterThan(oldest?.CreateIndex ?? 0);
    expect(await pages(nomad, "/v1/evaluations", { ...query, reverse: true, per_page: 1 })).toEqual([
      [newest?.ID],
      [oldest?.ID],
    ]);
  });

  test("without task states an allocation has none, and is found by the beginning of its id", async ({ nomad }) => {
    const job = nomad.id("stubs");
    await nomad.submit(mockJob(job, {}, noDeployment));
    const { ID } = await nomad.allocation(job, "running");
    const query = { filter: `JobID == ${literal(job)}` };
    const [bare] = await nomad.get<AllocationStub[]>("/v1/allocations", { ...query, task_states: false });
    expect(bare?.TaskStates).toBeNull();
    const [full] = await nomad.get<AllocationStub[]>("/v1/allocations", query);
    expect(full?.TaskStates?.server).toMatchObject({ State: "running", Failed: false, Restarts: 0 });
    for (const length of [4, 8, 11, 13, 18, 36]) {
      const asked = { prefix: ID.slice(0, length), namespace: "*", task_states: false, per_page: 50 };
      expect((await nomad.get<AllocationStub[]>("/v1/allocations", asked)).map((each) => each.ID)).toContain(ID);
    }
  });

  test("every filter that our code sends on jobs", async ({ nomad }) => {
    const [runs, batch, stopped] = [nomad.id("runs"), nomad.id("batch"), nomad.id("stops")];
    const own = (part: string) => `(${part}) and ID matches \`${runs.slice(-6)}$\``;
    await nomad.submit(mockJob(runs, {}, noDeployment, { Meta: { team: "x" } }));
    await nomad.submit(mockJob(batch, ending, {}, { Type: "batch" }));
    await nomad.submit(mockJob(stopped, {}, noDeployment));
    await nomad.stop(stopped);
    await nomad.allocation(runs, "running");
    await nomad.until<{ Status: string }>(`/v1/job/${batch}`, ({ Status }) => Status === "dead");
    await nomad.until<{ Status: string }>(`/v1/job/${stopped}`, ({ Status }) => Status === "dead");
    const ask = async (filter: string, namespace?: string) =>
      (await nomad.get<JobStub[]>("/v1/jobs", { filter, namespace })).map(({ ID }) => ID);
    const found = async (filter: string, namespace?: string) => {
      const ids = await ask(filter, namespace);
      // As the gate of namespaces and callers' filters are sent: read, and written again.
      expect(await ask(rewritten(filter), namespace)).toEqual(ids);
      return ids;
    };
    // list_nomad_jobs
    expect(await found(own('ParentID == ""'))).toEqual([batch, runs, stopped]);
    expect(await found(own('ParentID == "" and Stop == true'))).toEqual([stopped]);
    expect(await found(own('ParentID == "" and Status == "dead" and Stop == false'))).toEqual([batch]);
    expect(await found(own('ParentID == "" and Status == "running"'))).toEqual([runs]);
    expect(await found(own('ParentID == "" and Status == "pending"'))).toEqual([]);
    expect(await found(own('ParentID == "" and Type == "batch"'))).toEqual([batch]);
    expect(await found(own('ParentID == "" and (Meta.team == "x")'))).toEqual([runs]);
    expect(await found(own('ParentID == "" and (Meta.team == "y")'))).toEqual([]);
    // search_nomad
    expect(await found(`${insideFilter("^server$")} and ID == ${literal(runs)}`)).toEqual([runs]);
    expect(await found(`${insideFilter("^mock")} and ID == ${literal(runs)}`)).toEqual([runs]);
    // find.ts: the exact id, and names one edit away, in any case
    expect(await found(`ID == ${literal(runs)}`, "*")).toEqual([runs]);
    const typo = runs.replace("runs", "rnus");
    const pattern = literal(`(?i)^(${typo.replace("nu", "un")}|${typo}.|${typo.slice(0, 3)}.?${typo.slice(4)})$`);
    expect(
      await found(`(ID matches ${pattern} or ID matches ${literal(`(?i)${typo}`)}) and ParentID == ""`, "*"),
    ).toEqual([runs]);
    expect(await found(`(ID matches ${literal(`(?i)${runs.toUpperCase()}`)}) and ParentID == ""`, "*")).toEqual([runs]);
    // literal(): what stands in backquotes is taken as it is, and a backquote has another form
    expect(await found(`ID == ${literal('no`such"thing')}`)).toEqual([]);
  });

  test("every filter that our code sends on allocations, evaluations and deployments", async ({ nomad }) => {
    const job = nomad.id("filters");
    const F = `JobID == ${literal(job)}`;
    const current = 'DesiredStatus == "run" and NextAllocation == ""';
    await nomad.submit(mockJob(job, {}, { Name: "api", ...quickDeployment }));
    await nomad.deployment(job, "successful");
    const Tasks = [
      { Name: "server", Driver: "mock_driver", Config: failingAtOnce, Resources: { CPU: 20, MemoryMB: 16 } },
    ];
    const broken = { Tasks, ...noRestart, ...neverRescheduled, ...quickDeployment };
    const { ID: evaluation } = await nomad.submit(mockJob(job, {}, broken));
    await nomad.deployment(job, "failed");
    await nomad.allocations(
      job,
      (all) => all.some((one) => one.ClientStatus === "complete") && all.some((one) => one.ClientStatus === "failed"),
    );
    const ask = async (filter: string) =>
      (await nomad.get<AllocationStub[]>("/v1/allocations", { filter, reverse: true })).map(
        (one) => `${one.JobVersion} ${one.ClientStatus}`,
      );
    const found = async (filter: string) => {
      const told = await ask(filter);
      expect(await ask(rewritten(filter))).toEqual(told);
      return told;
    };
    expect(await found(F)).toEqual(["1 failed", "0 complete"]);
    expect(await found(`${F} and ${current}`)).toEqual(["1 failed"]);
    expect(await found(`${F} and not (${current})`)).toEqual(["0 complete"]);
    expect(await found(`${F} and TaskGroup == \`api\` and ClientStatus == \`failed\` and ${current}`)).toEqual([
      "1 failed",
    ]);
    const restarted = '("server" in TaskStates and "/TaskStates/server/Restarts" != 0)';
    expect(await found(`${F} and ${current} and (ClientStatus != "running" or ${restarted})`)).toEqual(["1 failed"]);
    expect(await found(`${F} and ${restarted}`)).toEqual([]);
    expect(await found(`${F} and not (${current}) and ClientStatus == "failed"`)).toEqual([]);
    expect(await found(`${F} and ClientStatus != "running" and ${current}`)).toEqual(["1 failed"]);
    expect(
      await found(
        `${F} and ClientStatus == "running" and ${current} and (TaskGroup == \`api\` or TaskGroup == \`other\`)`,
      ),
    ).toEqual([]);
    expect(await found(`${F} and (TaskGroup == \`api\`)`)).toHaveLength(2);
    expect(await found(`EvalID == ${literal(evaluation)} and DesiredStatus == "run"`)).toEqual(["1 failed"]);
    expect(await found(`EvalID == ${literal(evaluation)} and Name == ${literal(`${job}.api[0]`)}`)).toEqual([
      "1 failed",
    ]);
    expect(await found(`${F} and Job.Version == 1 and ClientStatus == "failed"`)).toEqual(["1 failed"]);

    const evaluations = async (filter: string) =>
      (await nomad.get<Evaluation[]>("/v1/evaluations", { filter, reverse: true, per_page: 5 })).length;
    expect(await evaluations(`${F} and Status != "canceled"`)).toBeGreaterThanOrEqual(2);
    expect(await evaluations(`${F} and TriggeredBy == "job-deregister"`)).toBe(0);
    const deployments = async (filter: string) =>
      (await nomad.get<{ JobVersion: number }[]>("/v1/deployments", { filter, reverse: true, per_page: 3 })).map(
        ({ JobVersion }) => JobVersion,
      );
    expect(await deployments(F)).toEqual([1, 0]);
    const over = ["successful", "failed", "cancelled"].map((status) => `Status != "${status}"`).join(" and ");
    expect(await deployments(`${F} and ${over}`)).toEqual([]);
  });

  test("a filter that Nomad cannot follow is refused, where and why", async ({ nomad }) => {
    const job = nomad.id("refused");
    await nomad.submit(mockJob(job, {}, noDeployment));
    const refusal = async (path: string, filter: string) => {
      const { status, text } = await nomad.send("GET", path, { query: { filter } });
      return `${status} ${text}`;
    };
    expect(await refusal("/v1/jobs", "(((")).toMatch(
      /^400 failed to create result paginator: failed to read filter expression: 1:4 \(3\): no match found, expected: "\(", .*"not"/,
    );
    expect(await refusal("/v1/jobs", 'Nope == "x"')).toBe(
      '400 failed to read result page: error finding value in datum: /Nope at part 0: couldn\'t find key: struct field with name "Nope"',
    );
    const F = `JobID == ${literal(job)}`;
    expect(await refusal("/v1/allocations", `${F} and JobVersion == 1`)).toMatch(
      /^400 .*struct field with name "JobVersion"$/,
    );
    expect(await refusal("/v1/allocations", `${F} and "/TaskStates/nosuch/Restarts" != 0`)).toMatch(/^400 /);
    expect(await refusal("/v1/allocations", `${F} and ClientStatus in ["failed"]`)).toMatch(/^400 /);
  });
});
