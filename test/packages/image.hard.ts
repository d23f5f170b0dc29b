import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Program } from "../support/program.ts";

// The steps of the Dockerfile, run in empty folders without Docker: what is copied is what .dockerignore lets through, what is run
// finds nothing but that, and the last stage is started as another user who can write nothing.

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "image-"));

interface Stage {
  readonly name: string;
  readonly steps: readonly { readonly does: string; readonly what: string }[];
}

const text = readFileSync(join(root, "Dockerfile"), "utf8");
const stages = stagesOf(text);

function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter(Boolean);
  const found: { name: string; steps: { does: string; what: string }[] }[] = [];
  for (const line of lines) {
    const [, does = "", what = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (does === "FROM") found.push({ name: / AS (\w+)$/.exec(what)?.[1] ?? "image", steps: [] });
    found.at(-1)?.steps.push({ does, what });
  }
  return found;
}

const one = (stage: Stage | undefined, does: string) => stage?.steps.find((step) => step.does === does)?.what ?? "";
/** The folder of a stage that stands for its root. */
const rootOf = (name: string) => join(folder, name);

/** What .dockerignore lets through: it begins with nothing, and names what there is. */
function isInContext(path: string): boolean {
  const lines = readFileSync(join(root, ".dockerignore"), "utf8").trim().split("\n");
  expect(lines[0]).toBe("*");
  const names = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const isNamed = names.some((name) => path === name || path.startsWith(`${name}/`) || name.startsWith(`${path}/`));
  return isNamed && !/(^|\/)node_modules(\/|$)|\.test\.ts$/.test(path);
}

function copy(what: string, target: string): void {
  const words = what.split(" ");
  const from = words[0]?.startsWith("--from=") ? words.shift()?.slice("--from=".length) : undefined;
  const to = words.pop() ?? "";
  for (const word of words) {
    const source = from === undefined ? join(root, word) : join(rootOf(from), word);
    const isFolder = statSync(source).isDirectory();
    const end = to.endsWith("/") && !isFolder ? join(target, to, basename(word)) : join(target, to);
    mkdirSync(dirname(end), { recursive: true });
    const filter = (path: string) => from !== undefined || isInContext(path.slice(root.length + 1));
    if (!filter(source)) throw new Error(`${word} is not in the context`);
    cpSync(source, end, { recursive: true, filter });
  }
}

beforeAll(() => {
  for (const stage of stages) {
    let target = rootOf(stage.name);
    for (const { does, what } of stage.steps) {
      if (does === "WORKDIR") target = join(rootOf(stage.name), what);
      mkdirSync(target, { recursive: true });
      if (does === "COPY") copy(what, target);
      if (does === "RUN") {
        const env = { PATH: process.env.PATH, HOME: rootOf("home") };
        execFileSync("sh", ["-c", what], { cwd: target, env, stdio: "pipe" });
      }
    }
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

const image = stages.at(-1);
const inImage = (path: string) => join(rootOf("image"), path);

test("the image holds the program and its compiled code, the licences and the health check, and nothing else", () => {
  const home = one(image, "WORKDIR");
  expect(readdirSync(inImage(home)).sort()).toEqual(["LICENSE", "dist", "healthcheck.cjs"]);
  const dist = readdirSync(join(inImage(home), "dist"));
  expect(dist.sort()).toEqual([...[".cache", "THIRD-PARTY-LICENSES.txt", "nomad-mcp.js", "package.json", "parts"]]);
  expect(one(image, "USER")).toBe("node");
  expect(one(image, "LABEL")).toContain('org.opencontainers.image.version="$VERSION"');
});

test("it serves as a user who can write nothing, and the health check knows whether it takes calls", {
  timeout: 60_000,
}, async () => {
  const command: string[] = JSON.parse(one(image, "ENTRYPOINT"));
  const [, script = ""] = command;
  readOnly(rootOf("image"));
  const port = await freePort();
  const env = { NOMAD_MCP_LISTEN: `127.0.0.1:${port}`, PATH: process.env.PATH ?? "" };
  const program = new Program(["serve", "--demo"], env, [...asNobody(), process.execPath, inImage(script)]);
  onTestFinished(async () => {
    program.child.kill("SIGKILL");
    await program.end();
  });
  const { pid } = program.child;
  expect(await health(env, pid)).toBe(1);
  await program.until(() => program.stderr.includes("listening on"), "the line that it listens");
  expect(await health(env, pid)).toBe(0);
  expect(await health({ ...env, NOMAD_MCP_LISTEN: `0.0.0.0:${port}` }, pid)).toBe(0);
  program.child.kill("SIGTERM");
  await program.end();
  expect(await health(env, pid)).toBe(1);
  // Over stdio there is nothing to ask.
  expect(await health(env, process.pid)).toBe(0);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Another user than root, where this is root. */
function asNobody(): [string, ...string[]] {
  return process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];
}

function readOnly(path: string): void {
  chmodSync(folder, 0o755);
  execFileSync("chmod", ["-R", "a-w,a+rX", path]);
}

/** The exit status of the health check, as the Dockerfile has it, of the process of that number. */
function health(env: Record<string, string>, pid = 0): Promise<number> {
  const [, words = "[]"] = / CMD (\[.*\])$/.exec(one(image, "HEALTHCHECK")) ?? [];
  const [, script = ""]: string[] = JSON.parse(words);
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [inImage(script), String(pid)], { env });
    child.once("exit", (code) => resolve(code ?? -1));
  });
}
