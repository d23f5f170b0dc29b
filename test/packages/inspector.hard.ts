import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, type TestContext, test } from "vitest";
import { fetched } from "../support/fetched.ts";
import { program } from "../support/program.ts";
import { sampleArguments } from "../support/sample-arguments.ts";

// The command line of MCP Inspector before the built server with every toolset: schemas by its strict rules, and what is answered by
// what the schemas promise.

const home = mkdtempSync(join(tmpdir(), "inspector-"));
let inspector: string | undefined;

beforeAll(() => {
  const found = fetched("@modelcontextprotocol/inspector", "2.12.0");
  inspector = found && join(found, "../../.bin/mcp-inspector");
}, 300_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(({ skip }: TestContext) => skip(inspector === undefined, "npm cannot get the Inspector here"));

interface Inspected {
  readonly code: number;
  readonly result: Record<string, { name: string; uriTemplate?: string }[]> & { readonly isError?: boolean };
  readonly stderr: string;
}

function inspect(method: string, ...words: string[]): Promise<Inspected> {
  const server = [process.execPath, program, "--demo", "--toolsets", "all"];
  const args = ["--cli", ...server, "--method", method, "--format", "json", ...words];
  const env = { PATH: process.env.PATH, HOME: home };
  return new Promise((resolve, reject) => {
    execFile(inspector ?? "", args, { env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") return reject(error);
      try {
        const { result, ...failed } = JSON.parse(stdout || stderr);
        resolve({ code: Number(error?.code ?? 0), result: result ?? failed, stderr });
      } catch {
        reject(new Error(`${method} ${words.join(" ")}: ${stdout}${stderr}`));
      }
    });
  });
}

test("every schema passes its strict rules", { timeout: 60_000 }, async () => {
  const { code, result, stderr } = await inspect("tools/list", "--strict");
  // Its 6 is for a schema that some host refuses.
  expect({ code, stderr: stderr.replace(/^nomad-mcp: .*\n/gm, "") }).toEqual({ code: 0, stderr: "" });
  expect(result.tools?.length).toBeGreaterThan(40);
});

test("what each tool that reads answers is what it promises", { timeout: 300_000 }, async () => {
  const { result } = await inspect("tools/list");
  const reading = (result.tools ?? []).filter((tool) => Object(tool).annotations.readOnlyHint);
  expect(reading.length).toBeGreaterThan(20);
  const wrong: string[] = [];
  const left = [...reading];
  const next = async (): Promise<void> => {
    const tool = left.shift();
    if (tool === undefined) return;
    const args = JSON.stringify(sampleArguments(tool as never, { job_id: "web" }));
    const { code, result: answer } = await inspect("tools/call", "--tool-name", tool.name, "--tool-args-json", args);
    // 5: the tool says that it failed, as with an id that there is not. 1: what it answered is not what it promised.
    if (code !== 0 && code !== 5) wrong.push(`${tool.name} ${args}: ${code} ${JSON.stringify(answer)}`);
    await next();
  };
  await Promise.all([next(), next(), next()]);
  expect(wrong).toEqual([]);
});

test("prompts and resources are listed and read", { timeout: 60_000 }, async () => {
  const { result } = await inspect("prompts/list");
  expect(result.prompts?.map(({ name }) => name)).toContain("diagnose-job");
  const prompt = await inspect("prompts/get", "--prompt-name", "diagnose-job", "--prompt-args", "job_id=web");
  expect(prompt.code).toBe(0);
  const templates = await inspect("resources/templates/list");
  expect(templates.result.resourceTemplates?.length).toBeGreaterThan(3);
  const read = await inspect("resources/read", "--uri", "nomad://demo/jobs/default/web");
  expect(JSON.stringify(read.result)).toContain("web (service, namespace default)");
});
