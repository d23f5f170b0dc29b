import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/** What `npm run build` makes, and hosts start. */
export const program = fileURLToPath(new URL("../../dist/nomad-mcp.js", import.meta.url));

/** One message of the protocol. */
export interface Message {
  readonly jsonrpc?: string;
  readonly id?: number | string | null;
  readonly method?: string;
  readonly result?: {
    readonly content?: readonly { readonly text: string }[];
    readonly isError?: boolean;
    readonly tools?: readonly { readonly name: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The program, started as a desktop host starts it: next to no environment, directory `/`, three pipes. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything on stdout, line by line, whole lines only. */
  readonly lines: string[] = [];
  stderr = "";
  #rest = "";
  #nextId = 1;
  #changed = () => {};

  /** `command`: what is started before the arguments, where that is not the built program with the node of the tests. */
  constructor(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    [node, ...before]: readonly [string, ...string[]] = [process.execPath, program],
  ) {
    this.child = spawn(node, [...before, ...args], { cwd: "/", env });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = `${this.#rest}${text}`.split("\n");
      this.#rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#changed();
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.child.once("exit", () => setImmediate(() => this.#changed()));
    // A process that has ended takes no more input: what a test still writes is lost, as a host's would be.
    this.child.stdin.on("error", () => {});
  }

  /** What stands on stdout, as messages. Throws where a line is none. */
  get messages(): Message[] {
    if (this.#rest !== "") throw new Error(`half a line on stdout: ${this.#rest}`);
    return this.lines.map((line) => JSON.parse(line));
  }

  /** Writes a line to stdin, as it is. */
  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** Sends a request and gives its id. */
  send(method: string, params: object = {}): number {
    const id = this.#nextId++;
    this.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return id;
  }

  notify(method: string, params: object = {}): void {
    this.write(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  /** The answer to a request, once it is there. */
  async answer(id: number): Promise<Message> {
    await this.until(() => this.messages.some((message) => message.id === id), `answer ${id}`);
    const found = this.messages.find((message) => message.id === id);
    if (found === undefined) throw new Error("unreachable");
    return found;
  }

  async initialize(): Promise<Message> {
    const clientInfo = { name: "test", version: "0" };
    const answer = await this.answer(
      this.send("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo }),
    );
    this.notify("notifications/initialized");
    return answer;
  }

  /** Calls a tool and gives its id. */
  call(name: string, args: object = {}): number {
    return this.send("tools/call", { name, arguments: args });
  }

  /** Waits until something on stdout or stderr makes it so. */
  async until(is: () => boolean, what: string): Promise<void> {
    const late = AbortSignal.timeout(15_000);
    while (!is()) {
      if (late.aborted || this.child.exitCode !== null) {
        throw new Error(`${what} did not come; stdout: ${this.lines.join("\n")}; stderr: ${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        late.addEventListener("abort", () => resolve());
      });
    }
  }

  /** Waits for the end: its exit status, the signal that killed it, and how long it took from now on, ms. */
  async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null; took: number }> {
    const begun = performance.now();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return { code: this.child.exitCode, signal: this.child.signalCode, took: performance.now() - begun };
  }

  /** Everything that it printed, anywhere. */
  get output(): string {
    return `${this.lines.join("\n")}${this.#rest}${this.stderr}`;
  }
}

/** Runs the program to its end, `input` on stdin. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
  command?: readonly [string, ...string[]],
) {
  const started = new Program(args, env, command);
  started.child.stdin.end(input);
  const ended = await started.end();
  return { ...ended, stdout: started.lines.join("\n"), stderr: started.stderr, program: started };
}

/** One request that came to {@link startServer}. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** True once the other side has closed the connection before it was answered. */
  readonly abandoned: boolean;
}

/** A real HTTP server on loopback that answers as `handle` says; what it does not answer hangs. */
export async function startServer(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const received: (Received & { abandoned: boolean })[] = [];
  let changed = () => {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://x");
    const entry = { method: request.method ?? "", path: pathname, headers: request.headers, abandoned: false };
    received.push(entry);
    changed();
    response.on("close", () => {
      entry.abandoned = !response.writableEnded;
      changed();
    });
    request.resume();
    handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    received,
    /** Waits until the requests that came make it so. */
    async until(is: (received: readonly Received[]) => boolean): Promise<void> {
      while (!is(received)) await new Promise<void>((resolve) => (changed = resolve));
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers with JSON, as Nomad does. */
export function reply(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json", "X-Nomad-Index": "1" });
  response.end(JSON.stringify(body));
}
