// `npm run bench`: what a start, a call and a session cost. Figures of one run on one machine are worth their ratios; it
// prints them, with the goal of each, and judges nothing. `npm run bench -- 20000` makes so many calls for the memory.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { bareEnv as env, Host, median, NetworkHost, pairedRatio, processorOfEnded } from "./bench-host.mjs";

const root = dirname(import.meta.dirname);
const program = join(root, "dist/nomad-mcp.js");
const launcher = join(root, "bin/run-mcp-server.sh");
const script = (name) => join(import.meta.dirname, name);
const calls = Number(process.argv[2] ?? 4_000);
/** What is aimed at, as ratios; the comments say to what. */
const goals = {
  // Until tools/list is answered, to `node -e 0`; a clone starts by a script.
  start: 1.5,
  launched: 2.2,
  // To a shell around the same requests.
  list: 1.7,
  // A call over HTTP to the same over stdio; memory of a server after 10,000 calls, to 200 MB.
  network: 1.5,
  networkMemory: 1,
  // What is held after all calls, to after the first quarter of them.
  memory: 1.1,
  // 10,000 jobs to ten: a question about one job, a page of more rows, a look at all of them.
  one: 1.3,
  page: 4,
  all: 40,
};

/** Until tools/list is answered, against the shortest that Node can do; in turns, so that both meet the same machine. */
async function startUp(rows) {
  const figures = { bare: [], ours: [], launched: [] };
  const spent = { bare: 0, ours: 0, launched: 0 };
  const bare = async () => {
    const before = processorOfEnded();
    const from = performance.now();
    await new Promise((resolve) => spawn(process.execPath, ["-e", "0"], { env, stdio: "ignore" }).on("exit", resolve));
    figures.bare.push(performance.now() - from);
    spent.bare += processorOfEnded() - before;
  };
  const start = async (kind, command, args) => {
    const from = performance.now();
    // Nothing listens there, and nothing is asked of it.
    const host = new Host(command, args, "http://127.0.0.1:9");
    await host.tools();
    figures[kind].push(performance.now() - from);
    await host.leave();
    // The code of the tools is loaded right after the list, so processor time is taken of a start that does not ask for it.
    const idle = new Host(command, args, "http://127.0.0.1:9");
    await idle.greet();
    spent[kind] += idle.processor();
    await idle.leave();
  };
  const hasLauncher = process.platform !== "win32" && existsSync(launcher);
  for (let round = 0; round < 31; round++) {
    await bare();
    await start("ours", process.execPath, [program]);
    if (hasLauncher) await start("launched", launcher, []);
  }
  const row = (name, kind, goal) => {
    const own = ms(median(figures[kind]));
    rows.push([name, own, pairedRatio(figures[kind], figures.bare), goal, spent[kind] / spent.bare]);
  };
  rows.push(["node -e 0", ms(median(figures.bare))]);
  row("nomad-mcp until tools/list", "ours", goals.start);
  if (hasLauncher) row("  through bin/run-mcp-server.sh", "launched", goals.launched);
}

/** Recorded answers of a Nomad, and the means to learn what it was asked. */
async function openNomad() {
  const worker = new Worker(script("bench-nomad.mjs"));
  const told = () => new Promise((resolve) => worker.once("message", resolve));
  const address = await told();
  const asked = async () => {
    worker.postMessage("asked");
    return await told();
  };
  return { address, asked, close: () => worker.terminate() };
}

/**
 * A call against the least that could answer it: a shell around the same requests, one after the other, since the second
 * asks about the rows of the first; and around the first alone.
 */
async function warmCall(rows) {
  const nomad = await openNomad();
  const ours = new Host(process.execPath, [program], nomad.address);
  await ours.tools();
  await ours.time("list_nomad_jobs");
  const requests = (await nomad.asked()).map((request) => JSON.stringify(request));
  const shell = async (...these) => {
    const host = new Host(process.execPath, [script("bench-shell.mjs"), nomad.address, ...these], nomad.address);
    await host.tools();
    return host;
  };
  const hosts = [await shell(requests[0]), await shell(...requests), ours];
  for (let warmUp = 0; warmUp < 400; warmUp++) for (const host of hosts) await host.time("list_nomad_jobs");
  const before = hosts.map((host) => host.processor());
  const figures = hosts.map(() => []);
  for (let round = 0; round < 600; round++)
    for (const [at, host] of hosts.entries()) figures[at].push(await host.time("list_nomad_jobs"));
  const spent = hosts.map((host, at) => host.processor() - before[at]);
  const [first, same, list] = figures;
  rows.push(["a shell around the page of jobs, warm", ms(median(first))]);
  rows.push([`a shell around the same ${requests.length} requests, warm`, ms(median(same)), pairedRatio(same, first)]);
  rows.push(["list_nomad_jobs, warm", ms(median(list)), pairedRatio(list, same), goals.list, spent[2] / spent[1]]);
  rows.push(["  to the shell around the page alone", "", pairedRatio(list, first), undefined, spent[2] / spent[0]]);
  for (const host of hosts) await host.leave();
  await nomad.close();
}

/**
 * A server for many: a call over HTTP against the same over stdio and against the page of jobs fetched alone, 50 clients at
 * once, and what it holds after 10,000 calls.
 */
async function network(rows) {
  const nomad = await openNomad();
  const [stdio, http] = [new Host(process.execPath, [program], nomad.address), new NetworkHost(program, nomad.address)];
  await Promise.all([stdio.tools(), http.ready]);
  for (let warmUp = 0; warmUp < 400; warmUp++) for (const host of [stdio, http]) await host.time("list_nomad_jobs");
  const page = (await nomad.asked()).find(({ method }) => method === "GET").url;
  const fetched = async () => {
    const from = performance.now();
    await (await fetch(nomad.address + page)).json();
    return performance.now() - from;
  };
  for (let warmUp = 0; warmUp < 100; warmUp++) await fetched();
  const figures = { stdio: [], http: [], fetched: [] };
  for (let round = 0; round < 400; round++) {
    figures.stdio.push(await stdio.time("list_nomad_jobs"));
    figures.http.push(await http.time("list_nomad_jobs"));
    figures.fetched.push(await fetched());
  }
  rows.push(["list_nomad_jobs over stdio, warm", ms(median(figures.stdio))]);
  const ratio = pairedRatio(figures.http, figures.stdio);
  rows.push(["list_nomad_jobs over HTTP, warm", ms(median(figures.http)), ratio, goals.network]);
  rows.push(["the page of jobs, fetched", ms(median(figures.fetched))]);
  rows.push(["  list_nomad_jobs over HTTP to that", "", pairedRatio(figures.http, figures.fetched), "none"]);
  const all = [];
  const begun = performance.now();
  const client = async () => {
    while (all.length < 9_200) all.push(await http.time("list_nomad_jobs"));
  };
  await Promise.all(Array.from({ length: 50 }, client));
  const seconds = (performance.now() - begun) / 1000;
  rows.push(["  50 clients at once, calls a second", String(Math.round(all.length / seconds))]);
  rows.push(["  50 clients at once, p99", ms(all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)])]);
  const held = http.resident();
  const after = "  resident memory after 10,000 calls";
  rows.push([after, mb(held), held / (200 * 1024 * 1024), goals.networkMemory]);
  await Promise.all([stdio.leave(), http.leave()]);
  await nomad.close();
}

/** What a session holds, after everything that can go is gone. */
async function memory(rows) {
  const nomad = await openNomad();
  const flags = ["--expose-gc", "--import", script("bench-memory.mjs")];
  const host = new Host(process.execPath, [...flags, program], nomad.address, "ipc");
  await host.tools();
  const held = () =>
    new Promise((resolve) => {
      host.child.once("message", resolve);
      host.child.send("held");
    });
  const upTo = async (count, from = 0) => {
    for (let made = from; made < count; made++) await host.time("list_nomad_jobs");
    return await held();
  };
  const early = await upTo(Math.ceil(calls / 4));
  const late = await upTo(calls, Math.ceil(calls / 4));
  for (const [name, key] of [
    ["heap in use", "heapUsed"],
    ["resident memory", "rss"],
  ]) {
    rows.push([`${name} after ${Math.ceil(calls / 4)} calls`, mb(early[key])]);
    rows.push([`${name} after ${calls} calls`, mb(late[key]), late[key] / early[key], goals.memory]);
  }
  await host.leave();
  await nomad.close();
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
    // What is CommonJS in it, such as ws, asks for modules of Node's own.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
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
  for (const [name, args, goal, rounds] of [
    ["list_nomad_jobs", {}, goals.page, 15],
    ["get_job_status", { job_id: "web" }, goals.one, 15],
    ["diagnose_job", { job_id: "checkout" }, goals.one, 15],
    ["find_problems", {}, goals.all, 7],
  ]) {
    const figures = { few: [], many: [] };
    for (let round = 0; round < rounds; round++) {
      const [one, other] = [await few.host.time(name, args), await many.host.time(name, args)];
      // The first ones warm up.
      if (round < 2) continue;
      figures.few.push(one);
      figures.many.push(other);
    }
    rows.push([`${name}, 10 jobs`, ms(median(figures.few))]);
    rows.push([`${name}, 10,000 jobs`, ms(median(figures.many)), pairedRatio(figures.many, figures.few), goal]);
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

function ms(figure) {
  return `${figure.toFixed(figure < 10 ? 2 : 0)} ms`;
}

function mb(figure) {
  return `${(figure / 1024 / 1024).toFixed(1)} MB`;
}

/** `rows`: what, its figure, its ratio to what it is compared with, the ratio aimed at, and the ratio of processor times. */
function print(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  const times = (ratio) => (Number.isFinite(ratio) ? `x ${ratio.toFixed(2)}` : "");
  process.stdout.write(
    `Node ${process.version}, ${process.platform} ${process.arch}, medians; of pairs where it is a ratio\n`,
  );
  for (const [name, figure, ratio, goal, spent] of rows) {
    const aim = goal === undefined ? "" : goal === "none" ? "(no goal)" : `(goal x ${goal})`;
    const processor = Number.isFinite(spent) ? `processor time ${times(spent)}` : "";
    const line = [name.padEnd(width), figure.padStart(8), times(ratio).padEnd(7), aim.padEnd(12), processor].join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

const rows = [];
// Whatever hangs, the figures so far are printed.
const limit = 180 + calls / 50;
const end = setTimeout(() => {
  print(rows);
  process.stderr.write(`bench: not done after ${limit} s, stopped\n`);
  process.exit();
}, limit * 1000);
await startUp(rows);
await warmCall(rows);
await network(rows);
await memory(rows);
await scale(rows);
clearTimeout(end);
print(rows);
