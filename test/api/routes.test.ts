import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acts, asksOnly, reach } from "../support/raw/reach.ts";

const id = "4fa7a59b-edf5-5dda-8afb-8bf3181f73c1";

describe("what changes something", () => {
  // Each handler in command/agent that never looks at the method, or that changes something.
  test.each([
    ["POST", "/v1/jobs"],
    ["PUT", "/v1/job/web"],
    ["DELETE", "/v1/job/web"],
    ["POST", "/v1/job/web/evaluate"],
    ["POST", "/v1/job/web/revert"],
    ["POST", "/v1/job/web/scale"],
    ["POST", "/v1/job/web/dispatch"],
    ["POST", "/v1/job/web/periodic/force"],
    // A job of that name, not a plan.
    ["POST", "/v1/job/plan"],
    ["DELETE", "/v1/job/web/plan"],
    ["PUT", `/v1/allocation/${id}/stop`],
    ["PUT", `/v1/client/allocation/${id}/restart`],
    ["GET", `/v1/client/allocation/${id}/restart`],
    ["GET", `/v1/client/allocation/${id}/gc`],
    ["HEAD", `/v1/client/allocation/${id}/gc`],
    ["GET", `/v1/client/allocation/${id}/exec`],
    ["PUT", `/v1/client/allocation/${id}/signal`],
    ["GET", "/v1/client/gc"],
    ["GET", "/v1/job/web/action"],
    ["GET", "/v1/agent/keyring/remove"],
    ["PUT", "/v1/system/gc"],
    ["POST", `/v1/node/${id}/drain`],
    ["POST", `/v1/deployment/promote/${id}`],
    ["PUT", "/v1/var/nomad/jobs/web"],
    ["DELETE", "/v1/var/nomad/jobs/web"],
    ["POST", "/v1/acl/token"],
    ["PUT", "/v1/not/known"],
    ["PATCH", "/v1/search"],
  ])("%s %s", (method, path) => {
    expect(acts(method, path)).toBe(true);
  });

  test.each([
    ["an encoded slash, which Nomad decodes", "/v1/client/allocation/x%2Frestart"],
    ["encoded letters", "/v1/client/%67c"],
    ["dot segments, which fetch resolves", "/v1/client/x/../gc"],
    ["encoded dot segments", "/v1/client/x/%2e%2e/gc"],
    ["a backslash, which fetch takes for a slash", "/v1\\client\\gc"],
    ["a tab, which fetch leaves out", "/v1/client/g\tc"],
    ["a doubled slash", "//v1//client/gc"],
    ["a query in the path", "/v1/client/gc?node_id=x"],
    ["a line break in an id", "/v1/client/allocation/a%0Ab/gc"],
    ["what cannot be decoded", "/v1/job/%zz"],
    ["no path at all", "http://elsewhere/v1/jobs"],
  ])("a GET by %s", (_, path) => {
    expect(acts("GET", path)).toBe(true);
  });
});

describe("what does not", () => {
  test.each([
    ["GET", "/v1/jobs"],
    ["GET", "/v1/job/web"],
    ["get", "/v1/job/web/action/versions"],
    ["GET", "/v1/job/gc"],
    ["GET", `/v1/client/allocation/${id}/stats`],
    ["GET", `/v1/client/fs/logs/${id}`],
    ["GET", "/v1/client/stats"],
    ["GET", "/v1/agent/keyring/list"],
    ["POST", "/v1/jobs/parse"],
    ["POST", "/v1/jobs/statuses"],
    ["PUT", "/v1/search"],
    ["POST", "/v1/search/fuzzy"],
    ["POST", "/v1/validate/job"],
    ["POST", "/v1/job/web/plan"],
    ["POST", "/v1/job/nightly%2Fperiodic-1795212307/plan"],
    ["POST", "/v1/job/a%0Ab/plan"],
  ])("%s %s", (method, path) => {
    expect(acts(method, path)).toBe(false);
  });

  test("a job whose id looks like a route is not taken for it", () => {
    expect(asksOnly("/v1/job/search")).toBe(false);
    expect(asksOnly("/v1/jobs/parse/plan")).toBe(false);
  });
});

// Where each beginning is tried against each end it is minutes.
test("a path of a megabyte takes no time", () => {
  const begun = performance.now();
  acts("POST", `/v1/job/${"a/plan/".repeat(150_000)}x`);
  reach("GET", `/v1/deployment/${"a-".repeat(500_000)}/`);
  expect(performance.now() - begun).toBeLessThan(3_000);
});

describe("whose objects a request touches", () => {
  test.each([
    ["GET", "/v1/jobs", { kind: "namespace", whole: "filter" }],
    ["POST", "/v1/jobs", { kind: "namespace", whole: "filter" }],
    ["GET", "/v1/services", { kind: "namespace", whole: "rows" }],
    ["DELETE", "/v1/job/web", { kind: "namespace" }],
    ["GET", "/v1/job/nightly%2Fperiodic-1795212307/summary", { kind: "namespace" }],
    ["PUT", "/v1/var/a/b/c", { kind: "namespace" }],
    ["GET", `/v1/allocation/${id}`, { kind: "object", list: "allocations", id, told: true }],
    ["PUT", `/v1/allocation/${id}/stop`, { kind: "object", list: "allocations", id, told: false }],
    ["PUT", `/v1/client/allocation/${id}/restart`, { kind: "object", list: "allocations", id, told: false }],
    ["GET", `/v1/client/fs/logs/${id}`, { kind: "object", list: "allocations", id, told: false }],
    ["GET", `/v1/evaluation/${id}`, { kind: "object", list: "evaluations", id, told: true }],
    ["GET", `/v1/evaluation/${id}/allocations`, { kind: "object", list: "evaluations", id, told: false }],
    ["GET", `/v1/deployment/${id}`, { kind: "object", list: "deployments", id, told: true }],
    ["POST", `/v1/deployment/promote/${id}`, { kind: "object", list: "deployments", id, told: false }],
    ["GET", `/v1/deployment/allocations/${id}`, { kind: "object", list: "deployments", id, told: false }],
    ["GET", "/v1/nodes", { kind: "none" }],
    ["POST", "/v1/jobs/parse", { kind: "none" }],
    ["GET", "/v1/namespaces", { kind: "none" }],
    ["GET", "/v1/namespace/prod", { kind: "itself", name: "prod" }],
    ["POST", `/v1/node/${id}/drain`, { kind: "all" }],
    ["GET", "/v1/client/gc", { kind: "all" }],
    ["DELETE", "/v1/evaluations", { kind: "all" }],
    ["GET", "/v1/operator/snapshot", { kind: "all" }],
    ["GET", "/v1/scaling/policy/x", { kind: "unknown" }],
    ["POST", "/v1/namespace", { kind: "unknown" }],
    ["GET", "/v2/jobs", { kind: "unknown" }],
  ])("%s %s", (method, path, expected) => {
    expect(reach(method, path)).toEqual(expected);
  });
});

test("every route stands in src/endpoints, and nowhere else", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const elsewhere = files.filter((file) => !/^(endpoints|demo)\//.test(file));
  expect(elsewhere.length).toBeGreaterThan(100);
  // What a comment names is no request, and below /api/ are routes of our own.
  const request = /^(?!\s*(?:\*|\/)).*(?<!\/api)\/v1\//m;
  expect(
    elsewhere.filter((file) => request.test(readFileSync(join("src", file), "utf8"))),
    "declare the route in src/endpoints/<noun>.ts and call nomad.get(noun.route, { ... })",
  ).toEqual([]);
});
