import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import type { JobStatuses, JobStub } from "../../src/endpoints/jobs.ts";
import { address, recorded, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

const rows = recorded<JobStub[]>("lists/jobs.json").body;
const statuses = recorded<JobStatuses[]>("lists/statuses.json").body;

/** The answer about the recorded cluster, or one of other rows, and what it asked Nomad for. */
async function list(args: Record<string, unknown> = {}, jobs: readonly JobStub[] = rows, known = statuses) {
  const seen = recordedNomad({
    job: "web",
    extra: [
      http.post(`${address}/v1/jobs/statuses`, async ({ request }) => {
        const { Jobs }: { Jobs: { ID: string; Namespace: string }[] } = JSON.parse(await request.text());
        const asked = new Set(Jobs.map(({ ID, Namespace }) => `${Namespace}/${ID}`));
        return HttpResponse.json(known.filter(({ ID, Namespace }) => asked.has(`${Namespace}/${ID}`)));
      }),
      http.get(`${address}/v1/namespaces`, () =>
        HttpResponse.json(["default", "prod", "empty"].map((Name) => ({ Name }))),
      ),
    ],
    edit(state) {
      state.jobs = [...jobs];
      // Half a minute after the newest of the rows.
      state.now = Math.ceil(Math.max(0, ...rows.map(({ SubmitTime }) => SubmitTime)) / 1e9) * 1000 + 30_000;
    },
  });
  const session = await openSession({ address });
  const { text, isError } = await session.call("list_nomad_jobs", args);
  await session.close();
  return { text, isError, seen, cursor: /cursor=(\S+)/.exec(text)?.[1] };
}

/** The names in the first column. */
const names = (text: string) =>
  text
    .split("\n\n")
    .find((part) => part.startsWith("job "))
    ?.split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/)[0]);

/** So many jobs, each with one group; a recorded row that many times. */
function many(count: number, troubled: (index: number) => boolean = () => false): JobStub[] {
  const running = rows.find(({ ID }) => ID === "web");
  const failing = rows.find(({ ID }) => ID === "too-big");
  return Array.from({ length: count }, (_, index) => {
    const row = troubled(index) ? failing : running;
    if (row === undefined) throw new Error("no such row");
    const name = `job-${String(index).padStart(5, "0")}`;
    return { ...row, ID: name, Name: name };
  });
}

describe("a page", () => {
  test("of one namespace: trouble first, children folded into their parents", async () => {
    const { text, seen } = await list();
    expect(seen).toHaveLength(1);
    expect(text).not.toMatch(/periodic-|dispatch-/);
    expect(text).toMatchInlineSnapshot(`
      "18 jobs in namespace default

      job           type     state                            running  starting  queued  failures  age
      autorevert    service  dead, all failed                 0 of 1   0         0       1         1m
      batch-fail    batch    failed                           0        0         0       1         1m
      no-driver     service  not placed                       0 of 1   0         1       0         1m
      oom           service  dead, all failed                 0 of 1   0         0       1         1m
      start-error   service  dead, all failed                 0 of 1   0         0       1         1m
      too-big       service  not placed                       0 of 1   0         1       0         1m
      windows-only  service  not placed                       0 of 1   0         1       0         1m
      wrong-dc      service  not placed                       0 of 1   0         1       0         1m
      crash-loop    service  running, has failed before       1 of 1   0         0       6         1m
      agent-log     system   running                          1        0         0       0         1m
      batch-ok      batch    finished                         0        0         0       0         1m
      canary        service  running                          2 of 2   0         0       0         1m
      multi         service  running                          1 of 1   0         0       0         1m
      nightly       batch    stopped                          0        0         0       0         30s
      port-clash    service  running                          2 of 2   0         0       0         1m
      resize        batch    parameterized, 1 child: 1 ended  0        0         0       0         1m
      shell         service  running                          1 of 1   0         0       0         1m
      web           service  running                          3 of 3   0         0       0         1m"
    `);
  });

  test("of all namespaces", async () => {
    const { text } = await list({ namespace: "*" });
    expect(text.split("\n")[0]).toContain("in all namespaces");
    expect(text).toMatch(/hello +prod +service +stopped/);
  });

  test("nothing is said to be running that has nothing running", async () => {
    const { text } = await list({ limit: 200, namespace: "*" });
    for (const line of text.split("\n").filter((each) => / running /.test(each) && !each.startsWith("job "))) {
      const [, , , , running] = line.split(/ {2,}/);
      expect(Number.parseInt(running ?? "", 10), line).toBeGreaterThan(0);
    }
  });

  test("its length is not passed off as the total", async () => {
    const { text, cursor } = await list({ limit: 3 });
    expect(text.split("\n")[0]).toBe("3 jobs in namespace default, more follow");
    expect(cursor).toBeDefined();
  });

  test("follows page, and none is left out or told twice", async () => {
    const told: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 4, ...(cursor && { cursor }) });
      expect(page.seen).toHaveLength(1);
      told.push(...(names(page.text) ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    const all = names((await list({ limit: 200 })).text) ?? [];
    expect([...told].sort()).toEqual([...all].sort());
    expect(new Set(told).size).toBe(told.length);
  });

  test("canaries that are well and wait for a person are not counted beside what runs, and are trouble", async () => {
    const known = structuredClone(recorded<JobStatuses[]>("lists/statuses-asked.json").body);
    const [web] = known;
    const canary = web?.Allocs?.find(({ DeploymentStatus }) => DeploymentStatus.Canary);
    if (!web?.LatestDeployment || canary === undefined) throw new Error("there is no canary");
    web.ID = "web";
    const waiting = () => list({ prefix: "web" }, rows, known);
    expect((await waiting()).text).toMatch(/\nweb +service +canaries wait for promotion +2 of 2 /);
    canary.DeploymentStatus.Healthy = null;
    expect((await waiting()).text).toMatch(/\nweb +service +deploying +2 of 2 /);
    web.LatestDeployment.Status = "paused";
    expect((await waiting()).text).toMatch(/\nweb +service +its deployment is paused +2 of 2 /);
  });

  test("costs as much in a cluster of ten thousand jobs", async () => {
    const { seen } = await list({}, many(10_000));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.answered).toBeLessThan(30_000);
  });
});

describe("what Nomad picks out", () => {
  test("a prefix", async () => {
    const { text, seen } = await list({ prefix: "batch" });
    expect(names(text)).toEqual(["batch-fail", "batch-ok"]);
    expect(seen[0]?.query.get("prefix")).toBe("batch");
  });

  test("a type, a status, both", async () => {
    expect(names((await list({ type: "system" })).text)).toEqual(["agent-log"]);
    expect(names((await list({ type: "batch", status: "dead" })).text)).toEqual(["batch-fail", "batch-ok"]);
  });

  test("stopped is not dead", async () => {
    expect(names((await list({ namespace: "*", status: "stopped" })).text)).toContain("hello");
    expect(names((await list({ namespace: "*", status: "dead" })).text)).not.toContain("hello");
  });

  test("an expression, which cannot loosen the other conditions", async () => {
    const { text } = await list({ type: "batch", filter: 'ID == "web" or ID == "batch-ok"' });
    expect(names(text)).toEqual(["batch-ok"]);
  });

  test("children, on demand", async () => {
    expect(names((await list({ include_children: true, prefix: "nightly/" })).text)).toEqual([
      "nightly/periodic-1795204142",
    ]);
  });

  test("an expression that is none: where and why", async () => {
    const { text, isError } = await list({ filter: "ID ==" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"The filter cannot be read: expected a value, such as "web" at its end. An example: Type == "batch" and Priority != 50. It may name ID, Name, Namespace, ParentID, Type, Status, StatusDescription, Stop, Stable, Priority, Version, Region, NodePool, Datacenters, AllAtOnce, Dispatched, Periodic, ParameterizedJob, SubmitTime, CreateIndex, ModifyIndex and JobModifyIndex."`,
    );
  });
});

describe("only trouble", () => {
  test("the worst first, and how many were looked at", async () => {
    const { text } = await list({ only_trouble: true });
    expect(text).toMatchInlineSnapshot(`
      "8 of 17 jobs in trouble in namespace default

      job           type     state             running  starting  queued  failures  age
      autorevert    service  dead: all failed  0 of 1   0         0       1         1m
      oom           service  dead: all failed  0 of 1   0         0       1         1m
      start-error   service  dead: all failed  0 of 1   0         0       1         1m
      no-driver     service  not placed        0 of 1   0         1       0         1m
      too-big       service  not placed        0 of 1   0         1       0         1m
      windows-only  service  not placed        0 of 1   0         1       0         1m
      wrong-dc      service  not placed        0 of 1   0         1       0         1m
      batch-fail    batch    failed            0        0         0       1         1m"
    `);
  });

  test("looks through at most ten thousand jobs, and says where it stopped", async () => {
    const { text, seen } = await list(
      { only_trouble: true },
      many(11_000, (index) => index === 1_400 || index > 10_000),
    );
    expect(seen.length).toBeLessThanOrEqual(15);
    expect(names(text)).toEqual(["job-01400"]);
    // How far it comes in its time is the machine's affair.
    expect(text).toMatch(
      /^1 of \d+,[05]00 jobs in trouble .*\n[\s\S]*\nNot all was looked at: \d+,[05]00 of more jobs\.$/,
    );
  });

  test("goes on where it stopped", async () => {
    const jobs = many(300, (index) => index % 10 === 0);
    const told: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ only_trouble: true, limit: 7, ...(cursor && { cursor }) }, jobs);
      told.push(...(names(page.text) ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(told.sort()).toEqual(Array.from({ length: 30 }, (_, index) => `job-${String(index * 10).padStart(5, "0")}`));
  });

  test("nothing found is said with what was looked at", async () => {
    const { text, isError } = await list({ only_trouble: true }, many(40));
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`"None of the 40 jobs in namespace default is in trouble."`);
  });
});

describe("an empty answer", () => {
  test("no job at all", async () => {
    expect((await list({}, [])).text).toMatchInlineSnapshot(`"No jobs in namespace default."`);
  });

  test("none that fits", async () => {
    expect((await list({ prefix: "zzz" })).text).toMatchInlineSnapshot(`"No jobs that fit in namespace default."`);
  });

  test("jobs elsewhere are pointed to", async () => {
    const { text } = await list({ namespace: "empty" });
    expect(text).toContain("namespace=*");
  });

  test("a namespace that there is not: those that there are", async () => {
    const { text } = await list({ namespace: "nope" });
    expect(text).toBe("There is no namespace nope that the token may see; there is default, prod and empty.");
  });
});
