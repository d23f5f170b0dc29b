import { expect, test } from "vitest";
import { shapeDiffers } from "./shape.ts";
import { drive, recorded } from "./support.ts";

const names = (items: { ID: string }[]) => items.map(({ ID }) => ID);

test.each(["jobs", "nodes", "allocations", "evaluations", "deployments"])("has the shape of lists/%s", async (name) => {
  const { get } = await drive({ jobs: true });
  const { request, body } = recorded(`lists/${name}`);
  const differs = shapeDiffers((await get(request.path)).body, body);
  // the recorded page holds no follow-up of a failure, and ours no node's evaluation
  expect(
    differs.filter((each) => !/WaitUntil|PreviousEval|Node|NextEval|StatusDescription|SnapshotIndex/.test(each)),
  ).toEqual([]);
});

test("a node has the shape of node/read", async () => {
  const { get } = await drive();
  const [first] = (await get("/v1/nodes")).body;
  const differs = shapeDiffers((await get(`/v1/node/${first.ID}`)).body, recorded("node/read").body);
  expect(differs).toEqual([]);
});

test("pages follow one another by token, and join up to the list", async () => {
  const { get } = await drive({ jobs: true });
  for (const list of ["jobs", "allocations", "evaluations", "deployments"])
    for (const reverse of list === "jobs" ? ["false"] : ["false", "true"]) {
      const path = `/v1/${list}?namespace=*&reverse=${reverse}`;
      const whole = names((await get(path)).body);
      const pages: string[] = [];
      let token: string | null = "";
      let requests = 0;
      while (token !== null) {
        const page = await get(`${path}&per_page=2&next_token=${encodeURIComponent(token)}`);
        expect(page.body.length).toBeLessThanOrEqual(2);
        pages.push(...names(page.body));
        token = page.headers.get("x-nomad-nexttoken");
        requests++;
      }
      expect(pages).toEqual(whole);
      expect(requests).toBe(Math.ceil(whole.length / 2));
    }
});

test("filters, prefixes and namespaces narrow a list", async () => {
  const { get } = await drive({ jobs: true });
  const list = async (path: string, filter: string) => names((await get(`${path}${encodeURIComponent(filter)}`)).body);
  const jobs = "/v1/jobs?namespace=*&filter=";
  expect(names((await get("/v1/jobs?prefix=ch")).body)).toEqual(["checkout"]);
  expect(names((await get("/v1/jobs?namespace=prod")).body)).toEqual(["billing"]);
  expect(await list(jobs, 'Type == "batch" and ParentID == ""')).toEqual(["ml-train", "nightly-report"]);
  expect(await list(jobs, "Type == batch and Status != `running` and not (ID matches `^night`)")).toEqual(["ml-train"]);
  expect(await list(jobs, '"dc1" in Datacenters and Stop == false')).toEqual(["web", "billing"]);
  expect(await list(jobs, 'Stop == true or ID contains "check"')).toEqual(["cache", "checkout"]);
  const allocs = "/v1/allocations?filter=";
  const failed = await list(allocs, 'ClientStatus == "failed" and JobID == `checkout`');
  expect(failed.length).toBeGreaterThan(3);
  const states = '"worker" in TaskStates and "/TaskStates/worker/';
  expect(await list(allocs, `${states}Failed" == true`)).toEqual(failed);
  expect((await list(allocs, '"worker" in TaskStates')).length).toBe(failed.length + 1);
  expect((await list(allocs, "NextAllocation is empty and JobID == `web`")).length).toBe(3);
});

test("allocations can be asked for without task states and with resources", async () => {
  const { get } = await drive({ jobs: true });
  const [plain] = (await get("/v1/allocations")).body;
  const [bare] = (await get("/v1/allocations?task_states=false")).body;
  const [full] = (await get("/v1/allocations?resources=true")).body;
  expect(plain.TaskStates).not.toBeNull();
  expect(plain.AllocatedResources).toBeUndefined();
  expect(bare.TaskStates).toBeNull();
  expect(full.AllocatedResources.Tasks).toBeTypeOf("object");
});

test("search finds by prefix", async () => {
  const { get, send } = await drive({ jobs: true });
  const [alloc] = (await get("/v1/job/web/allocations")).body;
  const found = await send("POST", "/v1/search", { Prefix: alloc.ID.slice(0, 8), Context: "allocs" });
  expect(found.body.Matches.allocs).toEqual([alloc.ID]);
  expect(shapeDiffers(Object.keys(found.body), Object.keys(recorded("lists/search").body))).toEqual([]);
});

test.each([
  ["cluster/leader", "/v1/status/leader"],
  ["cluster/regions", "/v1/regions"],
  ["namespace/list", "/v1/namespaces"],
])("has the shape of %s", async (name, path) => {
  const { get } = await drive();
  expect(shapeDiffers((await get(path)).body, recorded(name).body)).toEqual([]);
});
