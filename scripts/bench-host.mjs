import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** The same for all that is started, and nothing in it that Node reads at its start (NODE_EXTRA_CA_CERTS costs 20 ms). */
export const bareEnv = { PATH: process.env.PATH };

/** What an MCP host does, and no more. */
export class Host {
  #waiting = new Map();
  #id = 0;

  /** `channel`: for messages between two programs in Node, which cost a start a few ms. */
  constructor(command, args, address, ...channel) {
    this.child = spawn(command, args, {
      env: { ...bareEnv, NOMAD_ADDR: address },
      stdio: ["pipe", "pipe", "ignore", ...channel],
    });
    this.left = new Promise((resolve) => this.child.on("exit", resolve));
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const { id, result, error } = JSON.parse(line);
      const answer = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    });
    this.left.then((code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${command} ended with ${code}`));
    });
  }

  ask(method, params) {
    const id = ++this.#id;
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Begins a session, and asks for its tools. */
  async tools() {
    await this.greet();
    return this.ask("tools/list", {});
  }

  async greet() {
    const clientInfo = { name: "bench", version: "1" };
    await this.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  }

  /** How long a call takes, in ms. */
  async time(name, args = {}) {
    const from = performance.now();
    const { isError, content } = await this.ask("tools/call", { name, arguments: args });
    if (isError) throw new Error(`${name}: ${content[0].text}`);
    return performance.now() - from;
  }

  /** Processor time of all its threads so far, in ms; NaN where the system does not tell. */
  processor() {
    const threads = `/proc/${this.child.pid}/task`;
    if (!existsSync(threads)) return Number.NaN;
    const nanoseconds = readdirSync(threads).map((thread) => fieldsIn(`${threads}/${thread}/schedstat`)[0]);
    return nanoseconds.reduce((sum, each) => sum + Number(each), 0) / 1e6;
  }

  async leave() {
    this.child.stdin.end();
    await this.left;
  }
}

/** A server on the network, and a client of it that keeps its connections. */
export class NetworkHost {
  /** Starts `nomad-mcp serve` on a free port; `ready` is kept once it listens. */
  constructor(program, address) {
    const flags = ["--listen=127.0.0.1:0", "--rate=1000000/s", "--max-calls=100"];
    this.child = spawn(process.execPath, [program, "serve", ...flags], {
      env: { ...bareEnv, NOMAD_ADDR: address },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.left = new Promise((resolve) => this.child.on("exit", resolve));
    this.ready = new Promise((resolve) => {
      createInterface({ input: this.child.stderr }).on("line", (line) => {
        const [, url, key] = /nomad (http:\S+)\/mcp --header "Authorization: Bearer (\S+)"/.exec(line) ?? [];
        if (url === undefined) return;
        this.url = `${url}/mcp`;
        this.key = key;
        resolve();
      });
    });
  }

  /** How long a call takes, its connection kept from the one before, in ms. */
  async time(name, args = {}) {
    const from = performance.now();
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.key}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
    });
    const text = await response.text();
    if (!response.ok || text.includes('"isError":true')) throw new Error(`${name}: ${response.status} ${text}`);
    return performance.now() - from;
  }

  /** Resident memory, in bytes; NaN where the system does not tell. */
  resident() {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(fieldsIn(`/proc/${this.child.pid}/status`).join(" ")) ?? [];
    return Number(kilobytes) * 1024;
  }

  async leave() {
    this.child.kill();
    await this.left;
  }
}

/** Processor time of the programs that this one has started and that have ended, in ms, to 10 ms; NaN as above. */
export function processorOfEnded() {
  const ticks = fieldsIn("/proc/self/stat");
  return (Number(ticks[15]) + Number(ticks[16])) * 10;
}

/** What Linux tells in a file, a thread of which may just have ended. */
function fieldsIn(file) {
  try {
    return readFileSync(file, "utf8").split(" ");
  } catch {
    return ["0"];
  }
}

export function median(figures) {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1];
}

/** How many times as long: of figures that were taken in turns, so that each pair met the same machine. */
export function pairedRatio(figures, others) {
  return median(figures.map((figure, at) => figure / others[at]));
}
