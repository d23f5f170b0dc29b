import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Meter } from "./service.ts";
import { version } from "./version.ts";

/** What is counted, for Prometheus: by tools, roles, clusters and kinds, and nothing of people, jobs or arguments. */
export interface Metrics extends Meter {
  /** A request that was refused before it reached anything, by why. */
  refused(reason: string): void;
  /** Answers `GET /metrics` with all of it. */
  fetch(request: Request): Promise<Response>;
}

/** A call may take 50 s. */
const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 50];
/** A request to Nomad is given up after 10 s, a change after 45. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 45];

/** `underWay`: how many calls are. */
export function createMetrics(underWay: () => number): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  new Gauge({
    ...{ name: "nomad_mcp_build_info", help: "The version that runs", labelNames: ["version"], registers },
  }).set({ version }, 1);
  const calls = new Counter({
    ...{ name: "nomad_mcp_calls_total", help: "Calls of tools, over MCP and REST, by how they ended" },
    ...{ labelNames: ["tool", "outcome", "role"], registers },
  });
  const callTime = new Histogram({
    ...{
      name: "nomad_mcp_call_duration_seconds",
      help: "Time to the answer of a call, waiting for a person not in it",
    },
    ...{ labelNames: ["tool"], buckets: callBuckets, registers },
  });
  new Gauge({
    ...{ name: "nomad_mcp_calls_under_way", help: "Requests of callers that are being answered", registers },
    collect() {
      this.set(underWay());
    },
  });
  const requests = new Counter({
    ...{
      name: "nomad_mcp_nomad_requests_total",
      help: "Requests to Nomad, each time that one was sent, by how they ended",
    },
    ...{ labelNames: ["cluster", "outcome"], registers },
  });
  const requestTime = new Histogram({
    ...{
      name: "nomad_mcp_nomad_request_duration_seconds",
      help: "Time to Nomad's reply, without what waits for a change",
    },
    ...{ labelNames: ["cluster"], buckets: requestBuckets, registers },
  });
  const logins = new Counter({
    ...{ name: "nomad_mcp_nomad_logins_total", help: "People signed in at Nomad as themselves, by how that ended" },
    ...{ labelNames: ["cluster", "outcome"], registers },
  });
  const queues = new Map<string, Parameters<Meter["watch"]>[1]>();
  const ofQueues = (name: string, help: string, count: "held" | "queued") =>
    new Gauge({
      ...{ name, help, labelNames: ["cluster"], registers },
      collect() {
        for (const [cluster, queue] of queues) this.set({ cluster }, queue[count]);
      },
    });
  ofQueues("nomad_mcp_nomad_requests_under_way", "Requests to Nomad that are under way: at most 32 at a time", "held");
  ofQueues("nomad_mcp_nomad_requests_queued", "Requests to Nomad that wait for their turn", "queued");
  const refusals = new Counter({
    ...{ name: "nomad_mcp_refused_total", help: "Requests of callers that were refused, by why" },
    ...{ labelNames: ["reason"], registers },
  });

  return {
    called(role = "none", { tool = "unknown", ended, ms }) {
      calls.inc({ tool, outcome: ended, role });
      callTime.observe({ tool }, ms / 1000);
    },
    watch: (cluster, queue) => void queues.set(cluster, queue),
    sent(cluster, { outcome, ms, waits }) {
      requests.inc({ cluster, outcome });
      if (!waits) requestTime.observe({ cluster }, ms / 1000);
    },
    loggedIn: (cluster, outcome) => logins.inc({ cluster, outcome }),
    refused: (reason) => refusals.inc({ reason }),
    async fetch({ method, url }) {
      if (new URL(url).pathname !== "/metrics") return new Response("Metrics are at /metrics.\n", { status: 404 });
      if (method !== "GET" && method !== "HEAD") return new Response(null, { status: 405, headers: { Allow: "GET" } });
      return new Response(await register.metrics(), { headers: { "Content-Type": register.contentType } });
    },
  };
}
