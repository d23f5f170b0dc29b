import { describe, expect, test } from "vitest";
import { served } from "../../support/served.ts";

/** Posts to a server, in chunks where the body is no text. */
async function poster() {
  const { url, key } = await served();
  const accepted = { Accept: "application/json, text/event-stream", "Content-Type": "application/json" };
  const headers = { ...accepted, Authorization: `Bearer ${key}` };
  return async (path: string, body: string | Blob) => {
    const sent = typeof body === "string" ? body : body.stream();
    return await fetch(`${url}${path}`, { method: "POST", headers, body: sent, duplex: "half" });
  };
}

const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "list_nomad_jobs", arguments: {} } };

describe.each([
  ["/mcp", call],
  ["/api/v1/tools/list_nomad_jobs", {}],
])("a body to %s", (path, value) => {
  test("whose length is said, or that comes in chunks, is read", async () => {
    const post = await poster();
    const text = JSON.stringify(value);
    for (const body of [text, new Blob([text])]) {
      const response = await post(path, body);
      expect({ status: response.status, text: await response.text() }).toEqual({
        status: 200,
        text: expect.stringContaining("checkout"),
      });
    }
  });

  test("that is too large is refused, whether its length is said or not, and the server lives", async () => {
    const post = await poster();
    const large = JSON.stringify({ ...value, more: "x".repeat(3_000_000) });
    for (const body of [large, new Blob([large])]) {
      const response = await post(path, body);
      expect([response.status, response.headers.get("connection")]).toEqual([413, "close"]);
      await response.text();
    }
    expect((await post(path, JSON.stringify(value))).status).toBe(200);
  });
});
