import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** The same for all that is started, and nothing in it that Node reads at its start (NODE_EXTRA_CA_CERTS costs 20 ms). */
export const bareEnv = { PATH: process.env.PATH };

/** What an MCP host does, and no more. */
export class Host {
  #waiting = new Map();
  #id = 0;

  constructor(command, args, address) {
    this.child = spawn(command, args, {
      env: { ...bareEnv, NOMAD_ADDR: address },
      stdio: ["pipe", "pipe", "ignore"],
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

  async tools() {
    const clientInfo = { name: "bench", version: "1" };
    await this.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
    return this.ask("tools/list", {});
  }

  async memory() {
    const ps = spawn("ps", ["-o", "rss=", "-p", String(this.child.pid)], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    for await (const part of ps.on("error", () => {}).stdout) text += part;
    return text.trim() ? `${Math.round(Number(text) / 1024)} MB` : "unknown";
  }

  async leave() {
    this.child.stdin.end();
    await this.left;
  }
}
