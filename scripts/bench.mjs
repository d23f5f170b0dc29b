// `npm run bench`: what a start, a call and a session cost. Figures of one run on one machine are worth their ratios; it
// prints them, with the goal beside those that have one, and judges nothing.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { bareEnv as env, Host } from "./bench-host.mjs";

const root = dirname(import.meta.dirname);
const program = join(root, "dist/nomad-mcp.js");
const launcher = join(root, "bin/run-mcp-server.sh");
/** What is aimed at, as ratios: a start against `node -e 0`, a warm list against the shell. */
const goals = { start: 1.5, list: 1.7 };

/** Until tools/list is answered, against the shortest that Node can do; in turns, so that both meet the same machine. */
async function startUp(rows) {
  const bare = [];
  const ours = [];
  const launched = [];
  // Nothing listens there, and nothing is asked of it.
  const start = async (command, args) => {
    const from = performance.now();
    const host = new Host(command, args, "http://127.0.0.1:9");
    await host.tools();
    const took = performance.now() - from;
    await host.leave();
    return took;
  };
  await start(process.execPath, [program]);
  for (let round = 0; round < 15; round++) {
    const from = performance.now();
    await new Promise((resolve) => spawn(process.execPath, ["-e", "0"], { env, stdio: "ignore" }).on("exit", resolve));
    bare.push(performance.now() - from);
    ours.push(await start(process.execPath, [program]));
    if (process.platform !== "win32" && existsSync(launcher)) launched.push(await start(launcher, []));
  }
  rows.push(["node -e 0", ms(median(bare)), ""]);
  rows.push(["nomad-mcp until tools/list", ms(median(ours)), times(median(ours), median(bare)), goals.start]);
  if (launched.length > 0)
    rows.push(["  through bin/run-mcp-server.sh", ms(median(launched)), times(median(launched), median(bare))]);
}

/** One session: memory, and a call against the least that could answer it: a shell around the same request. */
async function session(rows) {
  const worker = new Worker(import.meta.filename);
  const told = () => new Promise((resolve) => worker.once("message", resolve));
  const address = await told();
  const asked = told();
  const host = new Host(process.execPath, [program], address);
  await host.tools();
  const atStart = await host.memory();
  const time = async (server) => {
    const from = performance.now();
    const { isError, content } = await server.ask("tools/call", { name: "list_nomad_jobs", arguments: {} });
    if (isError) throw new Error(`list_nomad_jobs: ${content[0].text}`);
    return performance.now() - from;
  };
  const call = () => time(host);
  await call();
  // What our call asked of Nomad, asked again.
  const url = address + (await asked);
  const bare = async () => {
    const from = performance.now();
    await (await fetch(url)).json();
    return performance.now() - from;
  };
  const floor = new Host(process.execPath, ["-e", `(${shell})()`, url], address);
  await floor.tools();
  for (let warmUp = 0; warmUp < 50; warmUp++) {
    await call();
    await time(floor);
    await bare();
  }
  const calls = [];
  const floors = [];
  const fetches = [];
  for (let round = 0; round < 200; round++) {
    fetches.push(await bare());
    floors.push(await time(floor));
    calls.push(await call());
  }
  await floor.leave();
  rows.push(["GET of a page of jobs, bare", ms(median(fetches)), ""]);
  rows.push(["  through a shell of 15 lines, warm", ms(median(floors)), ""]);
  rows.push(["list_nomad_jobs, warm", ms(median(calls)), times(median(calls), median(floors)), goals.list]);

  let made = 251;
  for (const until = performance.now() + 20_000; made < 1000 && performance.now() < until; made++) await call();
  const atEnd = await host.memory();
  rows.push(["resident memory after tools/list", atStart, ""]);
  rows.push([`resident memory after ${made} calls`, atEnd, ""]);
  await host.leave();
  await worker.terminate();
}

/** The least that answers a host with what Nomad says: a line in, a fetch, a line out. Run by a process of its own. */
function shell() {
  const { createInterface } = require("node:readline");
  const answers = {
    initialize: () => ({
      protocolVersion: "2025-11-25",
      capabilities: {},
      serverInfo: { name: "shell", version: "1" },
    }),
    "tools/list": () => ({ tools: [] }),
    "tools/call": async () => {
      const jobs = await (await fetch(process.argv[1])).json();
      return { content: [{ type: "text", text: jobs.map(({ ID, Status }) => `${ID} ${Status}`).join("\n") }] };
    },
  };
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const { id, method } = JSON.parse(line);
    if (id) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: await answers[method]() })}\n`);
  });
}

/** Questions about a cluster of 10,000 jobs, 50,000 dead allocations and 500 nodes, against the same about ten jobs. */
async function scale(rows) {
  const sizes = {
    few: { jobs: 10, deadAllocations: 50, nodes: 5 },
    many: { jobs: 10_000, deadAllocations: 50_000, nodes: 500 },
  };
  const outfile = join(root, "node_modules/.cache/nomad-mcp-large-cluster.mjs");
  const { build } = await import("esbuild");
  await build({
    stdin: { contents: largeCluster, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const open = async (size) => {
    const worker = new Worker(outfile, { workerData: size });
    const address = await new Promise((resolve) => worker.once("message", resolve));
    const host = new Host(process.execPath, [program], address);
    await host.tools();
    return { host, worker };
  };
  const [few, many] = [await open(sizes.few), await open(sizes.many)];
  const time = async ({ host }, name, args) => {
    const from = performance.now();
    const { isError, content } = await host.ask("tools/call", { name, arguments: args });
    if (isError) throw new Error(`${name}: ${content[0].text}`);
    return performance.now() - from;
  };
  for (const [name, args] of [
    ["list_nomad_jobs", {}],
    ["get_job_status", { job_id: "web" }],
    ["diagnose_job", { job_id: "checkout" }],
    ["find_problems", {}],
  ]) {
    const figures = { few: [], many: [] };
    for (let round = 0; round < 12; round++) {
      const [one, other] = [await time(few, name, args), await time(many, name, args)];
      // The first ones warm up.
      if (round < 2) continue;
      figures.few.push(one);
      figures.many.push(other);
    }
    rows.push([`${name}, 10 jobs`, ms(median(figures.few)), ""]);
    rows.push([`${name}, 10,000 jobs`, ms(median(figures.many)), times(median(figures.many), median(figures.few))]);
  }
  for (const { host, worker } of [few, many]) {
    await host.leave();
    await worker.terminate();
  }
}

/** A demo cluster of a size, in a thread of its own. */
const largeCluster = `
  import { parentPort, workerData } from "node:worker_threads";
  import { startDemoCluster } from "demo-cluster";
  import { fillUp } from "./test/support/large-cluster.ts";
  startDemoCluster({ seed: 1, fill: fillUp(workerData) }).then(({ address }) => parentPort.postMessage(address));
`;

/** A Nomad that has one answer, in a thread of its own so that it costs the measured nothing. Tells what it was asked. */
function nomad() {
  const { body } = JSON.parse(readFileSync(join(root, "test/recorded/lists/jobs.json"), "utf8"));
  const jobs = JSON.stringify(body);
  const server = createServer(({ url }, response) => {
    const known = url.startsWith("/v1/jobs");
    if (known) parentPort.postMessage(url);
    response.writeHead(known ? 200 : 404, { "content-type": known ? "application/json" : "text/plain" });
    response.end(known ? jobs : "not recorded");
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(`http://127.0.0.1:${server.address().port}`));
}

function median(figures) {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1];
}

function ms(figure) {
  return `${figure.toFixed(figure < 10 ? 2 : 0)} ms`;
}

function times(figure, other) {
  return `x ${(figure / other).toFixed(2)}`;
}

/** `rows`: what, its figure, its ratio to what it is compared with, and the ratio that is aimed at. */
function print(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(`Node ${process.version}, ${process.platform} ${process.arch}, medians\n`);
  for (const [name, figure, ratio, goal] of rows) {
    const aim = goal === undefined ? "" : `(goal x ${goal})`;
    process.stdout.write(
      `${name.padEnd(width)}  ${figure.padStart(8)}  ${ratio.padEnd(7)} ${aim}`.trimEnd().concat("\n"),
    );
  }
}

if (isMainThread) {
  const rows = [];
  // Whatever hangs, the figures so far are printed.
  const end = setTimeout(() => {
    print(rows);
    process.stderr.write("bench: not done after 100 s, stopped\n");
    process.exit();
  }, 100_000);
  await startUp(rows);
  await session(rows);
  await scale(rows);
  clearTimeout(end);
  print(rows);
} else {
  nomad();
}
