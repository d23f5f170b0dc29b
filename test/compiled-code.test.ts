import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

// scripts/entry.cjs keeps the compiled code of what every start loads beside the program.

const built = join(import.meta.dirname, "../dist");

/** The program as it comes, in a folder of its own. */
function freshCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), "compiled-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(built, folder, { recursive: true, filter: (path) => !path.includes(".cache") });
  return folder;
}

/** What a short session of it answers, and the files of compiled code that there are then. */
function session(folder: string): { names: string[]; code: string[]; said: string } {
  const clientInfo = { name: "test", version: "1" };
  const request = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "nomad-mcp.js")], {
    env: { PATH: process.env.PATH, NOMAD_ADDR: "http://127.0.0.1:9" },
    encoding: "utf8",
    input: [
      { jsonrpc: "2.0", id: 1, method: "initialize", params: request },
      { jsonrpc: "2.0", id: 2, method: "ping" },
    ]
      .map((message) => `${JSON.stringify(message)}\n`)
      .join(""),
  });
  const answers = stdout
    .trim()
    .split("\n")
    .map((line): { id: number; result: { serverInfo?: { name: string } } } => JSON.parse(line));
  return {
    names: answers.map(({ id, result }) => `${id} ${result.serverInfo?.name ?? "pong"}`),
    code: filesOf(join(folder, ".cache")).filter((name) => /^start-[0-9a-f]+\.js-v[\d.]+-\w+\.code$/.test(name)),
    said: stderr,
  };
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const answered = ["1 nomad-mcp", "2 pong"];

test("a start leaves its compiled code, the next one uses it as it is, and one that nobody can use is replaced", () => {
  const folder = freshCopy();
  const first = session(folder);
  expect(first).toMatchObject({ names: answered, code: [expect.any(String)] });
  const file = join(folder, ".cache", first.code[0] ?? "");
  const kept = readFileSync(file);
  expect(session(folder)).toMatchObject({ names: answered, code: first.code });
  expect(readFileSync(file).equals(kept)).toBe(true);
  writeFileSync(file, kept.subarray(0, kept.length / 2));
  expect(session(folder)).toMatchObject({ names: answered, code: first.code });
  expect(readFileSync(file).length).toBeGreaterThan(kept.length / 2);
});

test("where it cannot be kept, each start goes without, and says nothing of it", () => {
  const folder = freshCopy();
  // In the place of the folder: not even root can write there.
  writeFileSync(join(folder, ".cache"), "");
  const { names, code, said } = session(folder);
  expect({ names, code }).toEqual({ names: answered, code: [] });
  expect(said).toMatch(/^nomad-mcp: [\d.]+ ready: .*\n$/);
});
