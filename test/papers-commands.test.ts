import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startDemoCluster } from "demo-cluster";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder } from "./support/authority.ts";
import { program } from "./support/program.ts";

// The commands of the papers, each run in a home that holds nothing, with a job file and a demo cluster. A block that is run
// elsewhere, or cannot be run here, says so in a comment above it.

const root = join(import.meta.dirname, "..");
const papers = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].concat(
  readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

interface Block {
  readonly at: string;
  readonly comment: string;
  readonly text: string;
}

const blocks: Block[] = papers.flatMap((paper) => {
  const text = readFileSync(join(root, paper), "utf8");
  return [...text.matchAll(/(?:<!-- ([^>]*) -->\n)?```sh\n(.*?)```/gs)].map((found) => ({
    ...{
      at: `${paper}:${text.slice(0, found.index).split("\n").length}`,
      comment: found[1] ?? "",
      text: found[2] ?? "",
    },
  }));
});
const run = blocks.filter(({ comment }) => comment === "");
const marked = blocks.filter(({ comment }) => comment !== "");

test("what is not run here says where it is, or why it is not", () => {
  expect(run.length).toBeGreaterThan(8);
  for (const { at, comment } of marked) {
    expect(comment, at).toMatch(/^(run by: |not run by the tests[ \w]*: .{10,})/);
    const [, files = ""] = /^run by: (.*)$/.exec(comment) ?? [];
    for (const file of files.split(", ").filter(Boolean)) expect(existsSync(join(root, file)), file).toBe(true);
  }
});

describe.skipIf(process.platform === "win32")("run", () => {
  const folder = makeFolder();
  let nomad: Awaited<ReturnType<typeof startDemoCluster>>;
  let env: Record<string, string>;

  beforeAll(async () => {
    nomad = await startDemoCluster();
    const submission = await fetch(`${nomad.address}/v1/job/web/submission?version=0`);
    const { Source } = (await submission.json()) as { Source: string };
    folder.write("web.nomad.hcl", Source);
    mkdirSync(join(folder.path, "bin"));
    for (const name of ["bin/nomad-mcp", "bin/run-mcp-server.sh"]) {
      folder.write(name, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
      chmodSync(join(folder.path, name), 0o755);
    }
    const PATH = `${join(folder.path, "bin")}:${process.env.PATH}`;
    env = { PATH, HOME: folder.path, NOMAD_ADDR: nomad.address };
  });
  afterAll(async () => {
    await nomad.stop();
    folder.remove();
  });

  /** A server goes on until it is told to end: run until it listens. */
  function served(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("sh", ["-c", `exec ${text}`], { cwd: folder.path, env });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (part: string) => {
        said += part;
        if (said.includes("listening on")) child.kill("SIGTERM");
      });
      child.once("error", reject);
      child.once("close", () => resolve(said));
    });
  }

  // One after the other in one home, as they stand in the papers.
  test.each(run.map(({ at, text }) => [at, text] as const))("%s", { timeout: 60_000 }, async (_, text) => {
    if (/\bserve\b/.test(text)) {
      expect(await served(`${text.trim()} --listen 127.0.0.1:0`)).toContain("listening on");
      return;
    }
    const shell = promisify(execFile)("sh", ["-ec", text], { cwd: folder.path, env });
    const failed: { code?: number; stderr?: string } = await shell.then(
      () => ({}),
      (error: object) => error,
    );
    expect({ code: failed.code, stderr: failed.stderr }).toEqual({ code: undefined, stderr: undefined });
  });
});
