import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { testFolder } from "./folders.ts";

/** A folder for job files, that ends with the test. */
export interface Folder {
  readonly path: string;
  write(path: string, text: string | Buffer): void;
  /** Runs git in it, as a person of this name. */
  git(...words: string[]): string;
  /** Puts all there is into a commit, and gives its id. */
  commit(message: string, author?: string): string;
  remove(): void;
}

/** An empty folder of its own; `name` is what the library calls it. */
export function folder(name = "jobs"): Folder {
  const base = testFolder("library");
  const path = join(base, name);
  mkdirSync(path);
  const git = (...words: string[]) => runGit(path, words);
  return {
    path,
    write(file, text) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    },
    git,
    commit(message, author = "Anna") {
      runGit(path, ["add", "-A"]);
      runGit(path, ["commit", "-q", "--allow-empty", "-m", message], author);
      return runGit(path, ["rev-parse", "HEAD"]).trim();
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** The same as a git checkout on branch main. */
export function checkout(name = "jobs"): Folder {
  const made = folder(name);
  made.git("init", "-q", "-b", "main");
  return made;
}

function runGit(path: string, words: readonly string[], author = "Anna"): string {
  const config = ["-c", `user.name=${author}`, "-c", `user.email=${author.toLowerCase()}@example.com`];
  const env = { PATH: process.env.PATH, HOME: path, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", ["-C", path, ...config, ...words], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A copy of a folder, that is removed when all tests end. */
export function copyOf(path: string, name: string): string {
  const base = testFolder("library");
  cpSync(path, join(base, name), { recursive: true });
  return join(base, name);
}

/** A server of one repository over HTTP, as the hosts of repositories have it. */
export interface GitServer {
  readonly url: string;
  /** What it answers in place of the repository, if anything. */
  refuses: number | undefined;
  /** The token that opens it. */
  token: string | undefined;
  /** How what it sends of the repository comes: in one, in ten pieces with so many ms before each, or only half of it. */
  sends: "at once" | number | "half and no more" | "half and breaks off";
  readonly requests: string[];
  stop(): Promise<void>;
}

async function send(from: Readable, to: ServerResponse, how: GitServer["sends"]): Promise<void> {
  const whole = await buffer(from);
  if (how === "at once") return void to.end(whole);
  if (typeof how === "number") {
    const piece = Math.ceil(whole.length / 10);
    for (let at = 0; at < whole.length; at += piece) {
      await setTimeout(how);
      to.write(whole.subarray(at, at + piece));
    }
    return void to.end();
  }
  to.write(whole.subarray(0, whole.length / 2), () => {
    if (how === "half and breaks off") to.destroy();
  });
}

/** Serves the repository of a checkout over the smart protocol; over TLS with a certificate for localhost. */
export async function serveGit(
  path: string,
  tls?: { readonly cert: string; readonly key: string },
): Promise<GitServer> {
  const state: Pick<GitServer, "refuses" | "token" | "sends" | "requests"> = {
    refuses: undefined,
    token: undefined,
    sends: "at once",
    requests: [],
  };
  const listener: RequestListener = (request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const given = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
    if (state.refuses !== undefined) return response.writeHead(state.refuses).end();
    if (state.token !== undefined && given !== `x-access-token:${state.token}`) {
      return response.writeHead(401, { "www-authenticate": "Basic" }).end();
    }
    const advertises = request.url?.includes("info/refs") ?? false;
    const kind = advertises ? "advertisement" : "result";
    response.writeHead(200, { "content-type": `application/x-git-upload-pack-${kind}` });
    if (advertises) response.write("001e# service=git-upload-pack\n0000");
    const words = ["upload-pack", "--stateless-rpc", ...(advertises ? ["--advertise-refs"] : []), path];
    const child = spawn("git", words, { env: { PATH: process.env.PATH }, stdio: ["pipe", "pipe", "ignore"] });
    request.pipe(child.stdin);
    void send(child.stdout, response, advertises ? "at once" : state.sends);
    return undefined;
  };
  const server = tls ? createHttps(tls, listener) : createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `${tls ? "https://localhost" : "http://127.0.0.1"}:${port}/team/jobs.git`,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}
