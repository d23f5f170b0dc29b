import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { newKey } from "../../../src/access/keys.ts";
import { type Serving, serve } from "../../../src/serve.ts";
import { loadSettings } from "../../../src/settings/settings.ts";
import { makeFolder } from "../../support/authority.ts";

let folder: ReturnType<typeof makeFolder>;
let socket: string;
beforeEach(() => {
  folder = makeFolder();
  socket = `${folder.path}/mcp.sock`;
});
afterEach(() => folder.remove());

const { key, hash } = newKey();

/** A server on the socket, until the test has finished. */
async function served(log: string[] = []): Promise<Serving> {
  const keys = folder.write("keys.toml", `[keys.anna]\nhash = "${hash}"\n`);
  const line = (text: string) => void log.push(text);
  const argv = ["--demo", `--listen=unix://${socket}`, `--keys-file=${keys}`];
  const serving = await serve(await loadSettings(argv, {}), { info: line, warn: line });
  onTestFinished(() => serving.end());
  return serving;
}

/** What is answered on the socket: status and body. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<readonly [number, string]> {
  return await new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, path, headers: { host: "localhost", ...headers } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.once("end", () => resolve([response.statusCode ?? 0, body]));
    });
    asked.once("error", reject).end();
  });
}

test("it answers there, to owner and group, asks for a key as elsewhere, and removes the socket at its end", async () => {
  const log: string[] = [];
  const serving = await served(log);
  expect(statSync(socket).isSocket()).toBe(true);
  expect((statSync(socket).mode & 0o777).toString(8)).toBe("660");
  expect(log.at(-1)).toContain(`listening on unix://${socket}: MCP at unix://${socket}/mcp`);
  expect(await ask("/readyz")).toEqual([200, "ready\n"]);
  const [status, body] = await ask("/api/v1/whoami", { authorization: `Bearer ${key}` });
  expect([status, JSON.parse(body)]).toMatchObject([200, { principal: "anna", auth: "key" }]);
  expect((await ask("/api/v1/whoami"))[0]).toBe(401);
  expect(log.at(-1)).toMatch(/refused GET \/api\/v1\/whoami of the socket: A key is needed/);
  await serving.end();
  expect(existsSync(socket)).toBe(false);
});

test("a socket that a killed process left is replaced", async () => {
  const program = `require("node:net").createServer().listen(${JSON.stringify(socket)}, () => console.log("up"))`;
  const killed = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(existsSync(socket)).toBe(true);
  await served();
  expect(await ask("/healthz")).toEqual([200, "ok\n"]);
});

test("a socket on which somebody listens is left to them", async () => {
  const other = createServer((connection) => connection.end());
  await new Promise<void>((resolve) => void other.listen(socket, resolve));
  onTestFinished(() => new Promise<void>((resolve) => void other.close(() => resolve())));
  await expect(served()).rejects.toThrow(`unix://${socket} is taken: another server listens there.`);
  expect(statSync(socket).isSocket()).toBe(true);
});

test("a file that is no socket is not removed", async () => {
  writeFileSync(socket, "of somebody");
  await expect(served()).rejects.toThrow(`${socket} is there already, and no socket.`);
  expect(statSync(socket).size).toBe(11);
});
