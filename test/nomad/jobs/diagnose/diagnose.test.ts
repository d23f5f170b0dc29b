import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { type VirtualClock, virtualClock } from "demo-cluster/clock.ts";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { NomadError } from "../../../../src/api/errors/errors.ts";
import { diagnose } from "../../../../src/nomad/jobs/diagnose/diagnose.ts";
import { NomadClient } from "../../../../src/nomad-client.ts";
import { failing, noDeployment, noRestart } from "../../../contract/support/jobs.ts";
import { mockJob } from "../../../support/demo-session.ts";

let clock: VirtualClock;
let demo: DemoCluster;
beforeEach(async () => {
  clock = virtualClock();
  demo = await startDemoCluster({ clock, seed: 1, jobs: false });
});
afterEach(() => demo.stop());

const client = (base: string) => new NomadClient({ base, namespace: "default", readOnly: true, fetch });

async function register(job: object, seconds = 30): Promise<void> {
  await fetch(`${demo.address}/v1/jobs`, { method: "POST", body: JSON.stringify({ Job: job }) });
  await clock.advance(seconds * 1000);
}

/** The demo behind something that lets what `silent` matches wait for ever. */
async function stuck(silent: RegExp): Promise<string> {
  const server = createServer(({ method, url = "", headers }, reply) => {
    if (silent.test(url)) return;
    const { hostname, port } = new URL(demo.address);
    request({ hostname, port, method, path: url, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(reply);
    }).end();
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("in time, whatever does not answer", () => {
  beforeEach(() => register(mockJob("api", failing, noDeployment)));

  test("a log and a node that do not come: the answer is there without them, and names what it lacks", async () => {
    const address = await stuck(/^\/v1\/(client|node)/);
    const found = await diagnose(client(address), "api", 2_000);
    expect(["crash looping", "waiting"]).toContain(found.verdict.condition);
    expect(found.verdict.causes[0]?.evidence).toEqual(["(its log cannot be read now)"]);
    expect(found.missed).toEqual(["the nodes (no answer in time)"]);
  });

  test("a job that does not come is an error, in time", async () => {
    const address = await stuck(/^\/v1\/job\//);
    const asked = diagnose(client(address), "api", 300);
    await expect(asked).rejects.toBeInstanceOf(NomadError);
    await expect(asked).rejects.toMatchObject({ kind: "timeout" });
  });
});

describe("what it costs", () => {
  /** The requests of one diagnosis. */
  async function requests(job: string): Promise<number> {
    const before = demo.requests.length;
    await diagnose(client(demo.address), job);
    return demo.requests.length - before;
  }

  test("as many requests for one that failed a hundred times as for one that failed a few times", async () => {
    const soon = {
      ReschedulePolicy: { Delay: 5e9, DelayFunction: "constant", Unlimited: true, Interval: 0, Attempts: 0 },
    };
    await register(mockJob("api", failing, { ...noDeployment, ...noRestart, ...soon }), 40);
    const few = await requests("api");
    await clock.advance(900_000);
    const response = await fetch(`${demo.address}/v1/job/api/allocations`);
    expect(await response.json()).toHaveProperty(
      "length",
      expect.toSatisfy((length) => length > 100),
    );
    expect(await requests("api")).toBeLessThanOrEqual(Math.max(few, 12));
  });

  test("twenty at most for a job of a hundred allocations that fail in two ways", async () => {
    const two = {
      TaskGroups: ["one", "two"].map((Name, index) => ({
        ...{ Name, Count: 50, ...noDeployment },
        Tasks: [{ Name: "server", Driver: "mock_driver", Config: { ...failing, exit_code: index + 1 } }],
      })),
    };
    await register(mockJob("api", {}, {}, two), 60);
    expect(await requests("api")).toBeLessThanOrEqual(20);
  });
});
