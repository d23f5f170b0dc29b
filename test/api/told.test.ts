import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { NomadError } from "../../src/api/errors/errors.ts";
import { explain } from "../../src/api/errors/explain.ts";
import { sortReply } from "../../src/api/errors/table.ts";
import { failedRequest } from "../support/raw/failed-request.ts";
import { recorded } from "../support/recorded-state.ts";
import { rendered } from "../support/steps.ts";

// What an operator reads of every refusal: of each that was recorded of a real Nomad, and of each text that Nomad's source
// has (nomad-api.md §9 and the routes' own). A change of a sentence shows as a change of told.snap.

const address = "http://nomad.test:4646";

/** The kind and the whole answer of one reply. */
function told(method: string, url: string, status: number, reply: string, type = "text/plain; charset=utf-8"): string {
  const { pathname, searchParams } = new URL(url, address);
  const text = reply.trim();
  const namespace = searchParams.get("namespace") ?? "default";
  const request = failedRequest(method, pathname, namespace);
  const kind = sortReply(status, text, type);
  return `[${kind}]\n${rendered(explain(new NomadError(kind, request, text, status)))}`;
}

test("every refusal that was recorded", async () => {
  const folder = new URL("../recorded/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const answers = files.sort().flatMap((file) => {
    const { request, status, headers, body } = recorded(file);
    if (status < 400) return [];
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return [`== ${file} ${told(request.method, request.path, status, text, headers["Content-Type"])}`];
  });
  expect(answers.length).toBeGreaterThan(55);
  await expect(`${answers.join("\n\n")}\n`).toMatchFileSnapshot("./told-recorded.snap");
});

const id = "4f2a9c31-5d0e-4b7a-9c1f-0123456789ab";

test("every text of the reference", async () => {
  const answers = reference.map(([status, call, text, type]) => {
    const [method = "", path = ""] = call.split(" ");
    return `== ${call} ${told(method, path, status, text, type)}`;
  });
  await expect(`${answers.join("\n\n")}\n`).toMatchFileSnapshot("./told-reference.snap");
});

const reference: readonly (readonly [status: number, call: string, text: string, type?: string])[] = [
  // Tokens.
  [500, `GET /v1/client/fs/logs/${id}`, "rpc error: Permission denied"],
  [403, "PUT /v1/job/web/scale", "Permission denied"],
  [403, "POST /v1/job/web/dispatch?namespace=prod", "Permission denied"],
  [403, `POST /v1/deployment/promote/${id}`, "Permission denied"],
  [403, `POST /v1/node/${id}/drain`, "Permission denied"],
  [403, "GET /v1/node/pool/gpu/nodes", "Permission denied"],
  [403, "GET /v1/var/nomad%2Fjobs%2Fweb", "Permission denied"],
  [403, "PUT /v1/volume/csi/data/create", "Permission denied"],
  [403, "GET /v1/operator/autopilot/health", "Permission denied"],
  [403, "PUT /v1/system/gc", "Permission denied"],
  [403, "GET /v1/acl/token/self", "Permission denied"],
  [403, "GET /v1/something/new", "Permission denied"],
  [403, "GET /v1/jobs", "ACL token not found"],
  [500, "GET /v1/acl/token/self", "ACL token expired"],
  [500, "GET /v1/agent/self", "ACL token not found or invalid workload identity: go-jose/go-jose: compact JWS format"],
  [500, "GET /v1/acl/token/self", "failed to parse signed token: compact JWS format must have three parts"],
  [401, "GET /v1/jobs", "Unauthorized"],
  [403, "GET /v1/jobs", "Forbidden"],
  [400, "GET /v1/acl/policies", "ACL support disabled"],
  [400, "PUT /v1/acl/bootstrap", "ACL bootstrap already done (reset index: 9)"],
  [403, "POST /v1/jobs", "Job registration, dispatch, and scale are disabled by the scheduler configuration"],
  [500, `GET /v1/client/fs/cat/${id}`, "Reading secret file prohibited: web/secrets/api"],
  // Not there.
  [404, "GET /v1/job/web/versions", "job versions not found"],
  [404, "GET /v1/job/web/submission", "job source not found"],
  [404, "GET /v1/job/web/actions", "job not found"],
  [500, "POST /v1/job/web/revert", 'job "web" in namespace "default" at version 9 not found'],
  [500, "POST /v1/job/web/dispatch", "rpc error: parameterized job not found"],
  [500, "GET /v1/job/web/actions", 'Unknown job "web"'],
  [404, `PUT /v1/allocation/${id}/stop`, "allocation not found"],
  [404, `GET /v1/client/allocation/${id}/stats`, `Unknown allocation "${id}"`],
  [404, "GET /v1/volume/csi/data", "volume not found"],
  [404, "GET /v1/namespace/prod", "Namespace not found"],
  [404, `GET /v1/scaling/policy/${id}`, "policy not found"],
  [404, "GET /v1/node/pool/gpu", "node pool not found"],
  [404, "GET /v1/volumes", "resource not found"],
  [500, `POST /v1/node/${id}/eligibility`, "node not found"],
  [500, "POST /v1/jobs", 'job "web" is in nonexistent node pool "gpu"'],
  [400, `GET /v1/client/fs/logs/${id}`, 'unknown task name "x"'],
  [404, `GET /v1/client/fs/logs/${id}`, 'task "x" not started yet. No logs available'],
  [404, `GET /v1/client/fs/logs/${id}`, 'log entry for task "x" and log type "stdout" not found'],
  [400, `GET /v1/client/fs/cat/${id}`, "stat /alloc/x: no such file or directory"],
  [404, "GET /v1/search/fuzzy", ""],
  [404, "POST /v1/jobs/statuses", ""],
  [404, "GET /v1/jobs", ""],
  [404, "GET /v1/jobs", "404 page not found"],
  [405, "POST /v1/nodes", "Invalid method"],
  // Nodes, leader, regions.
  [404, `GET /v1/client/fs/logs/${id}`, "No path to node"],
  [500, `GET /v1/client/fs/logs/${id}`, `rpc error: state for allocation ${id} not found on client`],
  [400, `GET /v1/client/fs/logs/${id}`, `Unknown node "${id}"`],
  [500, "GET /v1/jobs", "rpc error: rpc error: No cluster leader"],
  [500, "POST /v1/jobs", "Not ready to serve consistent reads"],
  [500, "GET /v1/jobs", "no servers"],
  [500, "GET /v1/jobs", "No path to region"],
  [500, "GET /v1/jobs", "rpc error: EOF"],
  [500, "POST /v1/jobs", "rpc error: EOF"],
  [500, `PUT /v1/client/allocation/${id}/restart?namespace=prod`, "dial tcp 10.0.0.1:4647: connection refused"],
  [500, "DELETE /v1/job/web%2Fa%20b?namespace=prod", "i/o deadline reached"],
  [500, `POST /v1/node/${id}/drain`, "leadership lost while committing log"],
  [500, "PUT /v1/var/nomad%2Fjobs", "raft is already shutdown"],
  [500, "PUT /v1/acl/token", "something new"],
  [429, "GET /v1/operator/autopilot/health", '{"Healthy":false,"FailureTolerance":0}'],
  [500, "GET /v1/agent/health", '{"server":{"ok":false,"message":"No cluster leader"}}'],
  [429, "GET /v1/jobs", "Your IP is issuing too many concurrent connections, please rate limit your calls"],
  // Arguments.
  [
    500,
    "GET /v1/allocation/x",
    "alloc lookup failed: index error: Invalid UUID: encoding/hex: invalid byte: U+0078 'x'",
  ],
  [
    500,
    "GET /v1/allocations",
    "alloc lookup failed: index error: Invalid UUID length. UUID have 36 characters; got 40",
  ],
  [400, "GET /v1/evaluations", "Filter expression cannot be used with other filter parameters"],
  [400, "GET /v1/jobs", "Invalid wait time"],
  [400, "POST /v1/jobs", "Request body is empty"],
  [400, "POST /v1/jobs", "Job ID hasn't been provided"],
  [400, "POST /v1/jobs/parse", "Job spec is empty"],
  [400, `GET /v1/client/fs/cat/${id}`, 'file "/alloc/logs" is a directory'],
  [500, `GET /v1/client/fs/ls/${id}`, "Path escapes the alloc directory"],
  [400, `DELETE /v1/acl/token/${id}`, `Cannot delete nonexistent tokens: ${id}`],
  // State.
  [500, "POST /v1/jobs", "Enforcing job modify index 7: job exists with conflicting job modify index: 9"],
  [500, "POST /v1/job/web/revert", "Current job has version 3; enforcing version 2"],
  [500, "POST /v1/job/web/revert", "can't revert to current version"],
  [500, `POST /v1/deployment/fail/${id}`, "can't fail terminal deployment"],
  [500, "POST /v1/jobs", 'cannot update job from type "batch" to "service"'],
  [500, "POST /v1/job/web/dispatch", 'Specified job "web" is stopped'],
  [500, "POST /v1/job/web/dispatch", "Payload is not provided but required by parameterized job"],
  [500, "POST /v1/job/web/dispatch", "Dispatch request included unpermitted metadata keys: [x]"],
  [500, "POST /v1/job/web/periodic/force", "can't force run non-tracked job"],
  [500, `PUT /v1/client/allocation/${id}/restart`, "restart of an alloc that should not run"],
  [500, `PUT /v1/client/allocation/${id}/restart`, "Task not running"],
  [500, `PUT /v1/client/allocation/${id}/signal`, "Task not found"],
  [
    500,
    `POST /v1/node/${id}/eligibility`,
    "can not set node's scheduling eligibility to eligible while it is draining",
  ],
  [500, "DELETE /v1/namespace/default", "can not delete default namespace"],
  [500, "DELETE /v1/namespace/prod", 'namespace "prod" has non-terminal jobs in regions: [global]'],
  [500, "PUT /v1/job/web/versions/v1/tag", 'tag "v1" already exists on a different version of job "web"'],
  [409, "PUT /v1/var/x", "attempting to modify locked variable"],
  [500, "POST /v1/search/fuzzy", "fuzzy search is not enabled"],
  [501, "GET /v1/quotas", "Nomad Enterprise only endpoint"],
  [501, "GET /v1/agent/servers", "Server only endpoint"],
  // What is no Nomad.
  [502, "GET /v1/jobs", "<html><title>502 Bad Gateway</title></html>", "text/html"],
  [502, "DELETE /v1/job/web", "<html><title>502 Bad Gateway</title></html>", "text/html"],
  [503, "DELETE /v1/job/web", "no healthy upstream"],
  [504, "GET /v1/jobs", ""],
  [403, "GET /v1/jobs", '{"errors":["permission denied"]}', "application/json"],
  [400, "GET /v1/jobs", "Client sent an HTTP request to an HTTPS server."],
];
