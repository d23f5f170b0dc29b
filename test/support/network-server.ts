import { randomBytes } from "node:crypto";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { type VirtualClock, virtualClock } from "demo-cluster/clock.ts";
import { onTestFinished } from "vitest";
import { newKey } from "../../src/access/keys.ts";
import { type Serving, serve } from "../../src/serve.ts";
import { loadSettings } from "../../src/settings/settings.ts";
import { makeFolder } from "./authority.ts";

/** A server on the network, in this process, on a port of its own. */
export interface NetworkServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly serving: Serving;
  /** Its log so far, line by line. */
  readonly log: readonly string[];
  /** Sends one request as `who`; without a name, as nobody. */
  ask(path: string, init?: RequestInit & { readonly who?: string }): Promise<Response>;
  /** Sends one message of MCP. */
  rpc(who: string, method: string, params?: object, headers?: Record<string, string>): Promise<Response>;
}

/** People with keys, in front of a demo cluster whose time stands still unless something waits for it. */
export interface Team {
  readonly demo: DemoCluster;
  readonly clock: VirtualClock;
  readonly folder: ReturnType<typeof makeFolder>;
  /** The keys, by name. */
  readonly keys: Readonly<Record<string, string>>;
  /** Starts a replica; `argv` beside what all have. */
  start(...argv: readonly string[]): Promise<NetworkServer>;
  /** Writes the file of keys anew, for these people alone. */
  keep(names: readonly string[]): void;
  /** An MCP client of somebody; by turns of all `servers`, as behind a balancer without stickiness. */
  client(who: string, ...servers: readonly NetworkServer[]): Promise<Client>;
}

/** Who there is, and with which role. */
export interface TeamOptions {
  /** The settings file, beside the address of the cluster: roles and what else. */
  readonly settings?: string;
  /** The role of each person; "" for none. */
  readonly people?: Readonly<Record<string, string>>;
}

/** A demo cluster, people with keys, and servers that end with the test. */
export async function team({ settings = "", people = { anna: "" } }: TeamOptions = {}): Promise<Team> {
  const clock = virtualClock();
  const demo = await startDemoCluster({ clock, seed: 1 });
  const folder = makeFolder();
  const made = Object.fromEntries(Object.entries(people).map(([name, role]) => [name, { role, ...newKey() }]));
  const keep = (names: readonly string[]) =>
    folder.replace(
      "keys.toml",
      names
        .map(
          (name) =>
            `[keys.${name}]\nhash = "${made[name]?.hash}"\n${made[name]?.role ? `role = "${made[name]?.role}"\n` : ""}`,
        )
        .join("\n"),
    );
  keep(Object.keys(people));
  const config = folder.write("config.toml", `address = "${demo.address}"\n${settings}`);
  const stateKey = folder.write("state-key", randomBytes(32).toString("base64"));
  const keys = Object.fromEntries(Object.entries(made).map(([name, { key }]) => [name, key]));
  const running: Serving[] = [];
  onTestFinished(async () => {
    for (const serving of running) {
      const ended = serving.end();
      serving.drop();
      await ended;
    }
    await demo.stop();
    folder.remove();
  });

  async function start(...argv: readonly string[]): Promise<NetworkServer> {
    const log: string[] = [];
    const usual = [
      `--config=${config}`,
      "--listen=127.0.0.1:0",
      `--keys-file=${folder.path}/keys.toml`,
      "--rate=10000/s",
    ];
    const read = await loadSettings([...usual, `--state-key-file=${stateKey}`, ...argv], {});
    const line = (text: unknown) => void log.push(String(text));
    const serving = await serve(read, { info: line, warn: line });
    running.push(serving);
    const ask: NetworkServer["ask"] = (path, { who, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (who !== undefined) headers.set("authorization", `Bearer ${keys[who]}`);
      return fetch(`${serving.address}${path}`, { ...init, headers });
    };
    const rpc: NetworkServer["rpc"] = (who, method, params = {}, headers = {}) =>
      ask("/mcp", {
        ...{ who, method: "POST" },
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
    return { url: serving.address, serving, log, ask, rpc };
  }

  async function client(who: string, ...servers: readonly NetworkServer[]): Promise<Client> {
    let turn = 0;
    const balanced: typeof fetch = (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return fetch(`${servers[turn++ % servers.length]?.url}${pathname}`, init);
    };
    const made = new Client({ name: "test", version: "0" });
    const requestInit = { headers: { authorization: `Bearer ${keys[who]}` } };
    await made.connect(
      new StreamableHTTPClientTransport(new URL(`${servers[0]?.url}/mcp`), { fetch: balanced, requestInit }),
    );
    onTestFinished(() => made.close());
    return made;
  }

  return { demo, clock, folder, keys, start, keep, client };
}

/** What a tool answered to a client. */
export async function told(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args });
  return Array.isArray(content) ? content.map((block: { text?: string }) => block.text ?? "").join("\n") : "";
}
