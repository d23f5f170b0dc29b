import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problem, problems } from "../../../src/transports/http/problem.ts";

test("docs/rest.md has every problem with its status", () => {
  const paper = readFileSync(new URL("../../../docs/rest.md", import.meta.url), "utf8");
  const rows = [...paper.matchAll(/^\| (\d{3}) \| `([a-z-]+)` \|/gm)].map(([, status, kind]) => [kind, Number(status)]);
  const told = Object.entries(problems).map(([kind, { status }]) => [kind, status]);
  expect(rows.sort()).toEqual(told.sort());
});

test("a problem says what, why and of which request, and nothing that there is not", async () => {
  const headers = { "Retry-After": "3" };
  const response = problem({ kind: "too-many", detail: "Wait 3 seconds.", requestId: "r1", headers });
  expect(response.status).toBe(429);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("3");
  expect(await response.json()).toEqual({
    ...{ type: "urn:problem-type:nomad-mcp:too-many", title: "Too many calls", status: 429 },
    ...{ detail: "Wait 3 seconds.", instance: "r1" },
  });
});

test("where MCP is spoken, it is an error of JSON-RPC as well", async () => {
  const response = problem({ kind: "too-many", detail: "Wait 3 seconds.", requestId: "r1", isMcp: true });
  expect([response.status, response.headers.get("content-type")]).toEqual([429, "application/json"]);
  expect(await response.json()).toEqual({
    ...{ type: "urn:problem-type:nomad-mcp:too-many", title: "Too many calls", status: 429 },
    ...{ detail: "Wait 3 seconds.", instance: "r1" },
    ...{ jsonrpc: "2.0", id: null, error: { code: -32000, message: "Wait 3 seconds." } },
  });
});
