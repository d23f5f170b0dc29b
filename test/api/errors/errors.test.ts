import { describe, expect, test } from "vitest";
import { NomadError, type NomadErrorKind } from "../../../src/api/errors/errors.ts";
import { explain } from "../../../src/api/errors/explain.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import { sortReply } from "../../../src/api/errors/table.ts";
import { failedRequest } from "../../support/raw/failed-request.ts";
import { recorded } from "../../support/recorded.ts";

/** The error that a recorded exchange is to the client. */
function errorOf(file: string, namespace = "default"): NomadError {
  const { request, status, headers, body } = recorded<string>(file);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const kind = sortReply(status, text.trim(), headers["Content-Type"] ?? "");
  const path = request.path.split("?", 1)[0] ?? "";
  return new NomadError(kind, failedRequest(request.method, path, namespace), text.trim(), status);
}

/** An error of a request that nothing was recorded for. */
function failed(kind: NomadErrorKind, reply: string, more: { method?: string; path?: string; status?: number } = {}) {
  const { method = "GET", path = "/v1/job/web", status } = more;
  return new NomadError(kind, failedRequest(method, path), reply, status);
}

describe("what a real Nomad answered, sorted", () => {
  test.each<[string, NomadErrorKind]>([
    ["acl/bad-token.json", "forbidden"],
    ["acl/lister-logs.json", "forbidden"],
    ["acl/reader-nodes.json", "forbidden"],
    ["acl/reader-hidden-alloc.json", "not_found"],
    ["allocation/log-bad-task.json", "not_found"],
    ["allocation/restart-bad-task.json", "not_found"],
    ["cluster/status-unsupported.json", "unsupported"],
    ["deployment/promote-too-early.json", "precondition"],
    ["deployment/scale-while-active.json", "precondition"],
    ["errors/alloc-not-found.json", "not_found"],
    ["errors/alloc-short-id.json", "bad_argument"],
    ["errors/bad-json.json", "bad_argument"],
    ["errors/evaluate-unknown.json", "not_found"],
    ["errors/filter-syntax.json", "bad_argument"],
    ["errors/filter-unknown-field.json", "bad_argument"],
    ["errors/job-not-found.json", "not_found"],
    ["errors/parse-file-fn.json", "validation"],
    ["errors/parse-syntax.json", "validation"],
    ["errors/plan-bad.json", "validation"],
    ["errors/prefix-odd.json", "bad_argument"],
    ["errors/register-bad-duration.json", "bad_argument"],
    ["errors/register-empty.json", "validation"],
    ["errors/register-unknown-namespace.json", "not_found"],
    ["errors/unknown-path.json", "unsupported"],
    ["periodic/evaluate.json", "precondition"],
    ["register/enforce-conflict.json", "conflict"],
    ["start-error/log-stderr.json", "not_found"],
    ["variable/missing.json", "not_found"],
  ])("%s: %s", (file, kind) => {
    expect(errorOf(file).kind).toBe(kind);
  });
});

// Texts of nomad/structs/errors.go, command/agent/http.go and net/http (nomad-api.md §9), which were not recorded.
describe("what else Nomad answers, sorted", () => {
  test.each<[number, string, NomadErrorKind]>([
    [500, "No cluster leader", "no_leader"],
    [500, "rpc error: rpc error: No cluster leader", "no_leader"],
    [500, "Not ready to serve consistent reads", "no_leader"],
    [500, "No path to region", "bad_region"],
    [404, "No path to node", "node_unreachable"],
    [500, 'rpc error: state for allocation "x" not found on client', "node_unreachable"],
    [500, "rpc error: Permission denied", "forbidden"],
    [403, "ACL token not found", "bad_token"],
    [500, "ACL token expired", "bad_token"],
    [401, "Unauthorized", "bad_token"],
    [500, "rpc error: EOF", "unclear"],
    [500, "leadership lost while committing log", "unclear"],
    [500, "something new", "unclear"],
    [400, "Client sent an HTTP request to an HTTPS server.", "scheme"],
    [429, '{"FailureTolerance":0,"Healthy":false,"Servers":[]}', "unhealthy"],
    [429, "Your IP is issuing too many concurrent connections, please rate limit your calls", "rate_limited"],
    [502, "Bad Gateway", "not_nomad"],
    [504, "", "not_nomad"],
  ])("%i %s: %s", (status, text, kind) => {
    expect(sortReply(status, text, "text/plain; charset=utf-8")).toBe(kind);
  });

  test("a web page is not Nomad, whatever its status and type", () => {
    expect(sortReply(200, "<!DOCTYPE html><title>Sign in</title>", "")).toBe("not_nomad");
    expect(sortReply(403, "Permission denied", "text/html; charset=utf-8")).toBe("not_nomad");
    expect(sortReply(429, "<html>slow down</html>", "text/html")).toBe("rate_limited");
  });
});

describe("what the operator reads", () => {
  test("a token that may not: which capability is missing, as policy text", () => {
    expect(explain(errorOf("acl/nodes-jobs.json", "prod"))).toMatchInlineSnapshot(`
      "GET /v1/jobs failed: 403 Permission denied
      The token needs the capability list-jobs in namespace prod:
        namespace "prod" { capabilities = ["list-jobs"] }
      Nomad says the same of a token that is unknown or has expired."
    `);
    expect(explain(errorOf("acl/lister-logs.json"))).toContain("read-logs");
    expect(explain(errorOf("acl/lister-ls.json"))).toContain("read-fs");
    expect(explain(errorOf("acl/lister-job.json"))).toContain("read-job");
    expect(explain(errorOf("acl/parse-no-token.json"))).toContain("parse-job");
    expect(explain(errorOf("acl/reader-plan.json"))).toContain("submit-job");
    expect(explain(errorOf("acl/reader-submit.json"))).toContain("submit-job");
    expect(explain(errorOf("acl/reader-stop.json"))).toContain("submit-job");
    expect(explain(errorOf("acl/reader-evaluate.json"))).toContain("submit-job");
    expect(explain(errorOf("acl/reader-restart.json"))).toContain("alloc-lifecycle");
    expect(explain(errorOf("acl/reader-nodes.json"))).toContain('node { policy = "read" }');
  });

  test("an unknown token gets the same bare words from Nomad, so it is named as a possibility", () => {
    expect(explain(errorOf("acl/bad-token.json"))).toMatch(/unknown|expired/);
  });

  test.each<[string, NomadError]>([
    ["no leader", failed("no_leader", "No cluster leader", { status: 500 })],
    ["unreachable", failed("unreachable", "connect ECONNREFUSED 10.0.0.1:4646")],
    ["timeout", failed("timeout", "no answer within 10 s")],
    ["scheme", failed("scheme", "Client sent an HTTP request to an HTTPS server.", { status: 400 })],
    ["redirected", failed("redirected", "https://elsewhere.test/", { status: 301 })],
  ])("%s: what happened, what it means, what to do", (_, error) => {
    const [happened, meaning, ...rest] = explain(error).split("\n");
    expect(happened).toContain("GET /v1/job/web failed: ");
    expect(happened).toContain(error.reply);
    expect(meaning).toMatch(/\.$/);
    expect(rest).toEqual([]);
  });

  test("a web page: its title, not its source", () => {
    const page = `<html><head><title>Sign in – Corp SSO</title></head><body>${"<p>x</p>".repeat(2_000)}</body></html>`;
    const text = explain(failed("not_nomad", page, { status: 200 }));
    expect(text).toContain("Sign in – Corp SSO");
    expect(text).toContain("NOMAD_ADDR");
    expect(text.length).toBeLessThan(600);
  });

  test("an answer that was lost: a write may have happened, a question has not", () => {
    expect(explain(failed("connection_lost", "socket hang up", { method: "PUT" }))).toContain("may have happened");
    expect(explain(failed("timeout", "no answer", { method: "POST", path: "/v1/jobs/parse" }))).not.toContain(
      "may have",
    );
    expect(explain(failed("unreachable", "ECONNREFUSED", { method: "PUT" }))).not.toContain("may have");
    expect(explain(failed("connection_lost", "socket hang up"))).not.toContain("may have");
  });

  test("a refusal is the whole answer; a mistake of ours says that it is ours", () => {
    expect(explain(new Refusal("There is no such job."))).toBe("There is no such job.");
    expect(explain(new TypeError("x is undefined"))).toContain("mistake in nomad-mcp itself");
    expect(explain("thrown text")).toContain("thrown text");
  });
});
