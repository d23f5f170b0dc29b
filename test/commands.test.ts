import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingsTable } from "../src/settings/table.ts";
import { Program, reply, run, startServer } from "./support/program.ts";
import { recorded } from "./support/recorded-state.ts";

// The built program as people, scripts and cron run it.

const pkg: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

let nomad: Awaited<ReturnType<typeof startServer>>;
let env: Record<string, string>;

beforeAll(async () => {
  nomad = await startServer((request, response) => {
    if (request.url?.startsWith("/v1/jobs?")) reply(response, recorded("lists/jobs.json").body);
    else response.writeHead(403).end("Permission denied");
  });
  env = { NOMAD_ADDR: nomad.address };
});
afterAll(() => nomad.stop());

describe("what stops the start", () => {
  test.each([
    ["a bad address", ["--address=nowhere"], {}, "--address"],
    ["a settings file that is not there", ["--config=/nowhere/x.toml"], {}, "--config"],
    ["a bad switch", [], { NOMAD_MCP_READ_ONLY: "maybe" }, "NOMAD_MCP_READ_ONLY"],
    ["half of a pair", [], { NOMAD_CLIENT_CERT: "/nowhere/cert.pem" }, "NOMAD_CLIENT_KEY"],
    ["an unknown flag", ["--adress=http://x"], {}, "--adress"],
    ["an unknown command", ["lst"], {}, "lst"],
  ])("%s: one line, exit status 1, nothing on stdout", async (_, args, more, name) => {
    const { code, stdout, stderr } = await run(args, { ...env, ...more });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^nomad-mcp: [^\n]+\n$/);
    expect(stderr).toContain(name);
  });
});

describe("commands", () => {
  test("call prints the answer", async () => {
    const { code, stdout, stderr } = await run(["call", "list_nomad_jobs", "namespace=*", "limit=200"], env);
    expect(stdout).toContain("crash-loop");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("call takes JSON", async () => {
    const { code, stdout } = await run(["call", "list_nomad_jobs", "--args", '{"namespace":"*"}'], env);
    expect(stdout).toContain("crash-loop");
    expect(code).toBe(0);
  });

  test("call --json: the text, and the same facts for programs", async () => {
    const { code, stdout } = await run(["call", "list_nomad_jobs", "--json"], env);
    const { text, data, is_error: isError } = JSON.parse(stdout);
    expect(text).toMatch(/^21 jobs in namespace default\n/);
    expect(data.jobs).toHaveLength(21);
    expect(data.jobs).toContainEqual(
      expect.objectContaining({ job_id: "crash-loop", namespace: "default", type: "service", status: "running" }),
    );
    expect({ code, isError }).toEqual({ code: 0, isError: false });
  });

  test.each([
    ["an error answer", ["get_job_status", "job_id=web"], /403/],
    ["an unknown tool", ["list_jobs"], /list_nomad_jobs/],
    ["an unknown argument", ["get_job_status", "id=web"], /job_id/],
  ])("call with %s: exit status 1", async (_, words, told) => {
    const { code, stdout } = await run(["call", ...words], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(told);
  });

  test.each([
    [["call"]],
    [["call", "get_job_status", "web"]],
    [["call", "get_job_status", "--args", "[]"]],
    [["tools", "all"]],
    [["tools", "--format", "yaml"]],
    [["tools", "--format", "rest"]],
  ])("%j is not understood: exit status 1, one line on stderr", async (args) => {
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^nomad-mcp: [^\n]+\n$/);
  });

  test("tools: one line a tool; --json as tools/list gives it", async () => {
    const program = new Program([], env);
    await program.initialize();
    const { result } = await program.answer(program.send("tools/list"));
    program.child.stdin.end();
    await program.end();
    const { stdout } = await run(["tools", "--json"], env);
    expect(JSON.parse(stdout)).toEqual(result);
    const plain = (await run(["tools"], env)).stdout;
    const names = result?.tools?.map(({ name }) => name);
    expect(
      plain
        .split("\n")
        .slice(1)
        .map((line) => line.split(" ", 1)[0]),
    ).toEqual(names);
  });

  test("tools in the formats of programs: the same tools, each in its form", async () => {
    const print = async (...words: string[]) => JSON.parse((await run(["tools", ...words], env)).stdout);
    const { tools } = await print("--json");
    const names = tools.map(({ name }: { name: string }) => name);
    expect(await print("--format", "json")).toEqual({ tools });
    const claude = await print("--format", "claude");
    expect(claude.map(({ name }: { name: string }) => name)).toEqual(names);
    const { servers, paths } = await print("--format=openapi", "--url=https://nomad-mcp.example");
    expect(servers).toEqual([{ url: "https://nomad-mcp.example" }]);
    for (const name of names) expect(paths).toHaveProperty([`/api/v1/tools/${name}`]);
    const rest = await print("--format", "rest", "--url", "https://nomad-mcp.example", "--namespace", "shop");
    const [{ name, api_endpoints: calls }] = rest.tools;
    expect({ name, calls: calls.length }).toEqual({ name: "nomad_mcp", calls: 4 });
    expect(calls[0]).toMatchObject({
      url: "https://nomad-mcp.example/api/claude/list-jobs",
      params: [{ default: "shop" }],
    });
  });

  test("tools offers what the session would", async () => {
    const { stdout } = await run(["tools", "--read-only"], env);
    expect(stdout).toContain("get_job_status");
    expect(stdout).not.toContain("stop_job");
  });

  test("--help lists every setting, --version is that of package.json; neither needs settings that are right", async () => {
    const bad = { NOMAD_ADDR: "nowhere" };
    const help = await run(["--help"], bad);
    expect(help.code).toBe(0);
    for (const { flag, noFlag, env: name } of settingsTable) {
      if (!noFlag) expect(help.stdout).toContain(`--${flag} `);
      if (name) expect(help.stdout).toContain(name);
    }
    const version = await run(["--version"], bad);
    expect(version).toMatchObject({ code: 0, stdout: pkg.version, stderr: "" });
  });
});
