import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { walk } from "../src/commands/tour.ts";
import { usualPlace } from "../src/settings/file.ts";
import { openSession } from "./support/session.ts";

const program = join(import.meta.dirname, "../dist/nomad-mcp.js");

test("the tour goes through the workflow on the demo cluster, whatever NOMAD_ADDR and a settings file say", {
  timeout: 60_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), "nomad-mcp-home-"));
  const settings = usualPlace({ HOME: home, APPDATA: home }, process.platform) ?? "";
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, "read_only = true\n");
  onTestFinished(() => rmSync(home, { recursive: true }));
  const nomad = { NOMAD_ADDR: "http://127.0.0.1:9", NOMAD_TOKEN: "11111111-2222-3333-4444-555555555555" };
  const env = { ...process.env, ...nomad, HOME: home, APPDATA: home, XDG_CONFIG_HOME: "" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, "tour"], { env, timeout: 55_000 });

  expect(stderr).toBe("");
  expect(stdout).toContain("no real Nomad is touched. NOMAD_ADDR is set, and not used.");
  expect(stdout).not.toContain(env.NOMAD_TOKEN);

  const answers = stdout.split(/^> /m).slice(1);
  expect(answers.map((answer) => answer.split(/[\s]/, 1)[0])).toEqual([
    "list_nomad_jobs",
    "get_job_status",
    "submit_job_file",
    "get_job_evaluations",
    "submit_job_file",
    "get_job_logs",
    "submit_job_file",
    "get_job_status",
    "submit_job_file",
    "restart_job",
    "stop_job",
  ]);
  const decisive = [
    /demo cluster.*jobs? in namespace default/s,
    /crash looping/,
    /not placed/,
    /32,000 MB of memory/,
    /running: 2 of 2 healthy/,
    /\| shop is open/,
    /exits with code 1/,
    /\| FATAL: cannot reach payments\.internal:8443/,
    /running: 2 of 2 healthy/,
    /2 of 2 allocations/,
    /stopped/,
  ];
  for (const [index, phrase] of decisive.entries()) expect(answers[index]).toMatch(phrase);
});

test("the tour ends at the first answer that is not as expected", async () => {
  // Nothing listens on the discard port, so every call is an error.
  const session = await openSession({ address: "http://127.0.0.1:9" });
  const said: string[] = [];
  const step = { about: "What runs here?", tool: "list_nomad_jobs", args: {}, expects: /jobs/ };
  const tour = walk(session.client, [step, step], (text) => said.push(text));
  await expect(tour).rejects.toThrow("the tour ends here: list_nomad_jobs did not answer as expected (jobs)");
  expect(said.join("\n")).toMatch(/^\n1\. What runs here\?\n\n> list_nomad_jobs\nGET \/v1\/jobs failed/);
  expect(said).toHaveLength(3);
  await session.close();
});
