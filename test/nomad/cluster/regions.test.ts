import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../../support/demo-session.ts";
import { recordedNomad } from "../../support/recorded.ts";
import { address } from "../../support/recorded-state.ts";
import { openSession } from "../../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

/** Has the cluster be federated with other regions, each of which answers a request that is sent to it. */
function federated(others: Readonly<Record<string, () => Response>>): string[] {
  const { fetch } = globalThis;
  const asked: string[] = [];
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { pathname, searchParams } = new URL(String(input));
    if (pathname === "/v1/regions") return Response.json([...Object.keys(others), "global"]);
    const region = searchParams.get("region");
    if (region === null) return await fetch(input, init);
    asked.push(`${region} ${pathname} ${searchParams.get("filter")}`);
    return others[region]?.() ?? new Response("No path to region", { status: 500 });
  });
  onTestFinished(() => spy.mockRestore());
  return asked;
}
const nothing = () => Response.json([]);
const has = (ID: string) => () => Response.json([{ ID, Namespace: "default", Name: ID, Type: "service" }]);
const lost = () => new Response("No path to region", { status: 500 });

const refused = async (tool: string, args: Record<string, unknown>) => {
  const { text, isError } = await session.call(tool, args);
  expect(isError, text).toBe(true);
  return text;
};

test("a job that is in another region is not told as missing", async () => {
  const asked = federated({ east: has("ledger"), west: nothing });
  expect(await refused("get_job_status", { job_id: "ledger" })).toBe(
    'There is no job "ledger" in namespace default. This is region global, and there is one in east: a server with NOMAD_REGION=east sees it.',
  );
  expect(await refused("stop_job", { job_id: "ledger" })).toMatch(/in east: .*\. Nothing was changed\.$/);
  expect(new Set(asked)).toEqual(new Set(["east", "west"].map((region) => `${region} /v1/jobs ID == \`ledger\``)));
});

test("a region that does not answer is named, and one that has no such job is not", async () => {
  federated({ east: nothing, west: lost });
  const text = await refused("get_job_status", { job_id: "ledger" });
  expect(text).toMatch(/ This is region global: what is in west is not seen here\.$/);
});

test("a typo is told as one where no region has such a job", async () => {
  federated({ east: nothing });
  expect(await refused("get_job_status", { job_id: "wbe" })).toBe(
    'There is no job "wbe" in namespace default. Nearest: web.',
  );
});

test.each([
  ["get_node_status", { node: "client-9" }],
  ["get_allocation_status", { allocation_id: "0123abcd" }],
])("%s: what is not found may be in another region", async (tool, args) => {
  federated({ east: nothing });
  expect(await refused(tool, args)).toMatch(/ This is region global: what is in east is not seen here\.$/);
});

const several = (...names: string[]) => ({
  Multiregion: { Strategy: {}, Regions: names.map((Name) => ({ Name, Count: 1 })) },
});

test("a job file for other regions is refused before Nomad sends it to one of them", async () => {
  federated({ east: nothing });
  const file = (...names: string[]) => JSON.stringify({ Job: mockJob("mr", {}, {}, several(...names)) });
  for (const tool of ["submit_job_file", "plan_job"])
    expect(await refused(tool, { job_file: file("north", "east") })).toBe(
      "The job file is for the regions north and east, and this is region global: to submit it, start this server with NOMAD_REGION=east. Nothing was submitted.",
    );
  expect(await refused("submit_job_file", { job_file: file("east", "global") })).toBe(
    "Nomad does not accept job mr. Nothing was submitted.\n  Multiregion jobs are unlicensed. That takes Nomad Enterprise: without it leave the multiregion block out and submit the job in each region.",
  );
});

test("a job of several regions names them, also before it is stopped", async () => {
  recordedNomad({
    job: "web",
    edit: ({ job }) => {
      Object.assign(job, several("global", "east"));
    },
  });
  const other = await openSession({ address, confirm: "ask" });
  onTestFinished(() => other.close());
  expect((await other.call("get_job_status", { job_id: "web" })).text).toMatch(
    /^web \(service, namespace default, for the regions global and east of which this is one\): /,
  );
  expect((await other.call("stop_job", { job_id: "web" })).text).toMatch(
    /\n {2}regions: in this one only, of global and east\n/,
  );
});
