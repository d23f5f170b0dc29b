import { afterAll, describe, expect, test } from "vitest";
import { team } from "../support/network-server.ts";
import { Cluster } from "./support/cluster.ts";

// The demo signs nothing, and a task that reads its own identity needs a driver that runs programs: NOMAD_TEST_ADDR.
const address = process.env.NOMAD_TEST_ADDR ?? "";
const nomad = new Cluster(address);
const second = 1_000_000_000;

describe.skipIf(address === "")("a Nomad job as a caller", () => {
  afterAll(() => nomad.close());

  test("is known by its named identity for this server, and by no other of its own", async () => {
    const job = nomad.id("caller");
    const files = ["nomad_nomad_mcp.jwt", "nomad_endless.jwt", "nomad_token"];
    await nomad.submit({
      ...{ ID: job, Name: job, Type: "batch", Datacenters: ["*"] },
      TaskGroups: [
        {
          Name: "group",
          Tasks: [
            {
              ...{ Name: "task", Driver: "raw_exec", Resources: { CPU: 20, MemoryMB: 20 } },
              Config: {
                command: "/bin/sh",
                args: ["-c", files.map((file) => `cat "$NOMAD_SECRETS_DIR/${file}"; echo`).join("; ")],
              },
              Identity: { File: true },
              Identities: [
                { Name: "nomad_mcp", Audience: ["https://mcp.example/mcp"], File: true, TTL: 3600 * second },
                { Name: "endless", Audience: ["https://mcp.example/mcp"], File: true },
              ],
            },
          ],
        },
      ],
    });
    const { ID } = await nomad.allocation(job, "complete");
    const query = { task: "task", type: "stdout", plain: true };
    const { text } = await nomad.send("GET", `/v1/client/fs/logs/${ID}`, { query });
    const [named, endless, own] = text.trim().split(/\n+/);

    const settings = `[roles.ci]\njobs = ["default/contract-caller-*"]\nread_only = true\n`;
    const { start } = await team({ settings });
    const server = await start(`--address=${address}`, "--auth=workload-identity", "--public-url=https://mcp.example");
    const whoami = async (token: string | undefined) => {
      const asked = await server.ask("/api/v1/whoami", { headers: { authorization: `Bearer ${token}` } });
      return { status: asked.status, body: await asked.json() };
    };
    expect(await whoami(named)).toMatchObject({
      status: 200,
      body: { principal: `default/${job}`, auth: "workload-identity", role: "ci", read_only: true },
    });
    for (const other of [endless, own]) {
      expect(other).toMatch(/^eyJ/);
      expect(await whoami(other)).toMatchObject({
        status: 401,
        body: { detail: expect.stringContaining("give the task a named identity with aud and ttl") },
      });
    }
    const headers = { authorization: `Bearer ${named}`, "content-type": "application/json" };
    const asked = await server.ask("/api/v1/tools/get_job_status", {
      method: "POST",
      headers,
      body: JSON.stringify({ job_id: job }),
    });
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining(job)]);
    expect(server.log.join("\n")).not.toContain("eyJ");
  });
});
