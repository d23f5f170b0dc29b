import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster, Reply } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { ending, noDeployment, nowhere } from "./support/jobs.ts";

const lines = (count: number, from = 1) => Array.from({ length: count }, (_, at) => `line ${at + from} äöü\n`).join("");

async function read(nomad: Cluster, { ID }: Pick<AllocationStub, "ID">, query: object = {}): Promise<Reply> {
  const usual = { task: "server", type: "stdout", plain: true, origin: "end", offset: 100 };
  return await nomad.send("GET", `/v1/client/fs/logs/${ID}`, { query: { ...usual, ...query } });
}

/** A batch job that has printed and ended. */
async function printed(nomad: Cluster, stem: string, config: object, task: object = {}): Promise<AllocationStub> {
  const job = nomad.id(stem);
  const Tasks = [{ Name: "server", Driver: "mock_driver", Config: { ...ending, ...config }, ...task }];
  await nomad.submit(mockJob(job, {}, { Tasks }, { Type: "batch" }));
  return await nomad.allocation(job, "complete");
}

contract("logs", (test) => {
  test("from the end: exactly so many bytes, or all there are, of a task that is dead, too", async ({ nomad }) => {
    const text = lines(400);
    const whole = Buffer.from(text);
    const ended = await printed(nomad, "sizes", { stdout_string: text, stderr_string: "warning\n" });
    for (const offset of [1, 7, 100, 1000, whole.length - 1, whole.length, whole.length + 1, 16_385, 1_048_577]) {
      const { status, text: got } = await read(nomad, ended, { offset });
      expect([status, got]).toEqual([200, whole.subarray(-offset).toString()]);
    }
    expect((await read(nomad, ended, { type: "stderr", offset: 1000 })).text).toBe("warning\n");
    expect((await read(nomad, ended, { origin: "start", offset: 0 })).text).toBe(text);
    expect((await read(nomad, ended)).headers.get("content-type")).toBe("text/plain");
  });

  test("what has rotated away is missing at the beginning, and told by the lowest file number", async ({ nomad }) => {
    // 3 MiB in pieces, of which two files of 1 MiB are kept.
    const stdout_string = `${"x".repeat(32_767)}\n`;
    const config = { stdout_string, stdout_repeat: 95, stdout_repeat_duration: "2ms" };
    const ended = await printed(nomad, "rotated", config, { LogConfig: { MaxFiles: 2, MaxFileSizeMB: 1 } });
    const files = await nomad.get<{ Name: string }[]>(`/v1/client/fs/ls/${ended.ID}`, { path: "/alloc/logs" });
    const numbers = files.flatMap(({ Name }) => /^server\.stdout\.(\d+)$/.exec(Name)?.[1] ?? []);
    expect(numbers).not.toContain("0");
    expect(numbers.length).toBe(2);
    // Across the files as if they were one.
    const across = await read(nomad, ended, { offset: 1_048_576 + 100_000 });
    expect(across.text.length).toBe(1_048_576 + 100_000);
    const all = await read(nomad, ended, { offset: 8 * 1_048_576 });
    expect(all.text.length).toBeLessThan(3 * 1_048_576);
    expect(all.text.length).toBeGreaterThan(1_048_576);
  });

  test("a task that logged nothing has an empty log, with files", async ({ nomad }) => {
    const ended = await printed(nomad, "silent", { stdout_string: "" });
    const { status, text } = await read(nomad, ended);
    expect([status, text]).toEqual([200, ""]);
    const files = await nomad.get<{ Name: string }[]>(`/v1/client/fs/ls/${ended.ID}`, { path: "/alloc/logs" });
    expect(files.map(({ Name }) => Name)).toEqual(expect.arrayContaining(["server.stderr.0", "server.stdout.0"]));
  });

  test("what cannot be read is refused, each in its own words", async ({ nomad }) => {
    const job = nomad.id("unstarted");
    const Tasks = [
      { Name: "init", Driver: "mock_driver", Config: { run_for: "1h" }, Lifecycle: { Hook: "prestart" } },
      { Name: "server", Driver: "mock_driver", Config: { run_for: "1h" } },
    ];
    await nomad.submit(mockJob(job, {}, { Tasks, ...noDeployment }));
    const allocation = await nomad.allocation(job, "running");
    const said = async (query: object, of: Pick<AllocationStub, "ID"> = allocation) => {
      const { status, text } = await read(nomad, of, query);
      return `${status} ${text}`;
    };
    expect(await said({})).toBe('404 task "server" not started yet. No logs available');
    expect(await said({ task: "nosuch" })).toBe('400 unknown task name "nosuch"');
    expect(await said({ type: "both" })).toBe("400 must provide log type (stdout/stderr)");
    const nobody = { ID: "12345678-1234-1234-1234-123456789abc" };
    expect(await said({}, nobody)).toBe(`404 Unknown allocation "${nobody.ID}"`);
    const ls = await nomad.send("GET", `/v1/client/fs/ls/${nobody.ID}`, { query: { path: "/alloc/logs" } });
    expect(ls.status).toBe(404);
    const disabled = await printed(nomad, "disabled", {}, { LogConfig: { Disabled: true } });
    expect(await said({}, disabled)).toMatch(/^404 log entry for task "server" and log type "stdout" not found/);
  });

  test("followed from the end, it gives what comes, and does not end with the task", async ({ nomad }) => {
    const job = nomad.id("followed");
    const config = { stdout_string: "tick\n", stdout_repeat: 30, stdout_repeat_duration: "500ms" };
    await nomad.submit(mockJob(job, config, noDeployment));
    const { ID } = await nomad.allocation(job, "running");
    const url = new URL(
      `/v1/client/fs/logs/${ID}?task=server&type=stdout&plain=true&follow=true&origin=end&offset=0`,
      nomad.address,
    );
    const over = new AbortController();
    const response = await fetch(url, { signal: over.signal });
    expect(response.status).toBe(200);
    let got = "";
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        got += Buffer.from(chunk).toString();
        if (got.split("\n").length > 4) break;
      }
    })();
    await reading;
    over.abort();
    expect(got).toMatch(/^(tick\n){4,}/);
  });

  test("a job that was placed nowhere has no allocation to read from", async ({ nomad }) => {
    const job = nomad.id("nowhere");
    await nomad.submit(mockJob(job, {}, nowhere));
    expect(await nomad.get<AllocationStub[]>(`/v1/job/${job}/allocations`)).toEqual([]);
  });
});
