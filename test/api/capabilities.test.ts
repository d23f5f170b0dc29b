import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { finerOf, needText, policyFor } from "../../src/api/capabilities.ts";
import { needsOf } from "../support/raw/needs.ts";
import { recorded } from "../support/recorded-state.ts";

const needs = (...calls: string[]) =>
  calls.flatMap((call) => {
    const [method = "", path = ""] = call.split(" ");
    return needsOf(method, path) ?? [];
  });

describe("what a request needs", () => {
  test("every 403 that was recorded is of a route that is known", () => {
    const folder = new URL("../recorded/acl/", import.meta.url);
    const denied = readdirSync(folder)
      .map((file) => recorded(`acl/${file}`))
      .filter(({ status }) => status === 403)
      .map(({ request: { method, path } }) => `${method} ${path.split("?", 1)[0]}`);
    expect(Object.fromEntries(denied.map((call) => [call, policyFor(needs(call), "prod")]))).toMatchInlineSnapshot(`
      {
        "DELETE /v1/job/shell": "namespace "prod" { capabilities = ["submit-job"] }",
        "GET /v1/acl/token/self": "",
        "GET /v1/agent/self": "agent { policy = "read" }",
        "GET /v1/client/fs/logs/ec3a2c52-9471-def8-c1aa-c1e107962a32": "namespace "prod" { capabilities = ["read-logs"] }",
        "GET /v1/client/fs/ls/ec3a2c52-9471-def8-c1aa-c1e107962a32": "namespace "prod" { capabilities = ["read-fs"] }",
        "GET /v1/evaluation/c87211e4-b77d-1e21-3551-1087d0263e38": "namespace "prod" { capabilities = ["read-job"] }",
        "GET /v1/job/shell": "namespace "prod" { capabilities = ["read-job"] }",
        "GET /v1/jobs": "namespace "prod" { capabilities = ["list-jobs"] }",
        "GET /v1/node/e33b1554-412e-e7d5-9a97-dffc3b68c69a": "node { policy = "read" }",
        "GET /v1/nodes": "node { policy = "read" }",
        "POST /v1/job/shell/evaluate": "namespace "prod" { capabilities = ["submit-job"] }",
        "POST /v1/job/shell/scale": "namespace "prod" { capabilities = ["scale-job"] }",
        "POST /v1/job/web/plan": "namespace "prod" { capabilities = ["submit-job"] }",
        "POST /v1/jobs": "namespace "prod" { capabilities = ["submit-job"] }",
        "POST /v1/jobs/parse": "namespace "prod" { capabilities = ["parse-job"] }",
        "PUT /v1/client/allocation/ec3a2c52-9471-def8-c1aa-c1e107962a32/restart": "namespace "prod" { capabilities = ["alloc-lifecycle"] }",
        "PUT /v1/namespace/x": "",
      }
    `);
  });

  test("ids may be patterns or encoded, and a known part is not taken for an id", () => {
    expect(needs("GET /v1/job/:job_id/summary")).toEqual(needs("GET /v1/job/web%2Fperiodic-1/summary"));
    expect(needText(needs("GET /v1/node/pools"), "default")).toBe("read on the node pool");
    expect(needText(needs("GET /v1/client/fs/logs/:id"), "prod")).toBe("the capability read-logs in namespace prod");
    expect(needText(needs("GET /v1/client/fs/ls/:id"), "prod")).toBe("the capability read-fs in namespace prod");
  });

  test("nothing is not the same as unknown", () => {
    expect(needsOf("GET", "/v1/status/leader")).toEqual([]);
    expect(needsOf("GET", "/v1/unheard/of")).toBeUndefined();
    expect(needsOf("TRACE", "/v1/jobs")).toBeUndefined();
  });

  test("what newer servers tell apart more finely", () => {
    expect(finerOf(needs("POST /v1/job/:id/plan"))).toEqual(["plan-job"]);
    expect(finerOf(needs("POST /v1/job/:id/dispatch"))).toEqual([]);
  });
});

describe("the policy that grants it", () => {
  test("of many calls: each capability once, the higher level of two", () => {
    const calls = [
      "GET /v1/jobs",
      "GET /v1/job/:id",
      "GET /v1/allocations",
      "POST /v1/jobs",
      "GET /v1/nodes",
      "POST /v1/node/:id/drain",
      "GET /v1/plugins",
      "PUT /v1/system/gc",
      "GET /v1/regions",
    ];
    expect(policyFor(needs(...calls), "prod")).toMatchInlineSnapshot(`
      "namespace "prod" { capabilities = ["list-jobs", "read-job", "submit-job"] }
      node { policy = "write" }
      plugin { policy = "list" }"
    `);
  });

  test("of variables", () => {
    expect(policyFor(needs("GET /v1/vars", "PUT /v1/var/:path", "GET /v1/jobs"), "default")).toMatchInlineSnapshot(`
      "namespace "default" {
        capabilities = ["list-jobs"]
        variables { path "*" { capabilities = ["list", "write"] } }
      }"
    `);
  });

  test("of what no policy grants: none", () => {
    expect(policyFor(needs("PUT /v1/namespace/:name", "GET /v1/regions"), "default")).toBe("");
  });
});
