import { expect } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobStub } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { ending, failing, noDeployment, noRestart, onceRescheduled, quickDeployment } from "./support/jobs.ts";

contract("the tools that read", (test) => {
  test("list_nomad_jobs: by state and type, in pages, with children or without", async ({ nomad }) => {
    const [service, batch, stopped] = [nomad.id("list-a"), nomad.id("list-b"), nomad.id("list-c")];
    const run = service.slice(-6);
    await nomad.submit(mockJob(service, {}, noDeployment));
    await nomad.submit(mockJob(batch, ending, {}, { Type: "batch" }));
    await nomad.submit(mockJob(stopped, {}, noDeployment));
    await nomad.allocation(service, "running");
    await nomad.stop(stopped);
    await nomad.until<Job>(`/v1/job/${batch}`, ({ Status }) => Status === "dead");
    const filter = `ID matches "${run}$"`;
    const rows = async (args: object) => {
      const text = await nomad.tell("list_nomad_jobs", { filter, ...args });
      return [...text.matchAll(/^(contract-\S+) +(\S+) +(\S+)/gm)].map(
        ([, id, type, state]) => `${id?.slice(14, 15)} ${type} ${state}`,
      );
    };
    expect(await rows({})).toEqual(["a service running", "b batch finished", "c service stopped"]);
    expect(await rows({ prefix: "contract-list-a" })).toEqual(["a service running"]);
    expect(await rows({ status: "stopped" })).toEqual(["c service stopped"]);
    expect(await rows({ status: "dead" })).toEqual(["b batch finished"]);
    expect(await rows({ status: "running" })).toEqual(["a service running"]);
    expect(await rows({ type: "batch" })).toEqual(["b batch finished"]);
    const first = await nomad.tell("list_nomad_jobs", { filter, limit: 2 });
    expect(first).toMatch(/^2 jobs in namespace default, more follow\n/);
    const cursor = /^Next: cursor=(\S+)$/m.exec(first)?.[1];
    expect(await rows({ limit: 2, cursor })).toEqual(["c service stopped"]);
    expect(await nomad.tell("list_nomad_jobs", { filter, only_trouble: true })).toMatch(
      /^None of the 2 jobs in namespace default is in trouble/,
    );
    expect(await nomad.tell("list_nomad_jobs", { prefix: nomad.id("none") })).toMatch(
      /^No jobs that fit in namespace default\./,
    );
    const { text, isError } = await nomad.call("list_nomad_jobs", { filter: "ID =" });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^The filter cannot be read: expected one of ==, /)]);
  });

  test("get_job_status, get_job_logs, stop_job: a periodic job and its children", async ({ nomad }) => {
    const job_id = nomad.id("cron");
    const spec = { Type: "batch", Periodic: { Enabled: true, SpecType: "cron", Specs: ["0 2 1 1 *"] } };
    await nomad.register(mockJob(job_id, { run_for: "1h", stdout_string: "at work\n" }, {}, spec));
    await nomad.ask("POST", `/v1/job/${job_id}/periodic/force`);
    const query = { prefix: `${job_id}/` };
    const [child] = await nomad.until<JobStub[]>("/v1/jobs", (all) => all[0]?.Status === "running", { query });
    await nomad.until<object[]>("/v1/allocations", (all) => all.length > 0, {
      query: { filter: `JobID == \`${child?.ID}\` and ClientStatus == "running"` },
    });
    expect(await nomad.tell("get_job_status", { job_id })).toMatch(
      / \(periodic batch, namespace default\): waiting: next launch in .*; last run /,
    );
    expect(await nomad.tell("get_job_logs", { job_id })).toMatch(/is the newest run of [\s\S]*\n\| at work$/m);
    expect(await nomad.tell("list_nomad_jobs", { prefix: job_id })).toMatch(
      /^1 job in [\s\S]* batch +periodic, 1 child: 1 running/,
    );
    expect(await nomad.tell("list_nomad_jobs", { prefix: job_id, include_children: true })).toMatch(/^2 jobs in /);
    const forced = await nomad.call("force_evaluate_job", { job_id });
    expect([forced.isError, forced.text]).toEqual([
      true,
      expect.stringContaining(`force_evaluate_job job_id=${child?.ID}`),
    ]);
    expect(await nomad.tell("stop_job", { job_id })).toMatch(
      new RegExp(`stopped \\(namespace default\\); it launches no more\n1 run \\(${child?.ID}\\) goes on\n`),
    );
    expect(await nomad.tell("stop_job", { job_id: child?.ID, purge: true })).toMatch(
      /stopped and purged .*; 1 allocation ended/,
    );
  });

  test("get_allocation_status: one allocation, by its id or its beginning, with ports and the chain of attempts", async ({
    nomad,
  }) => {
    const job_id = nomad.id("alloc");
    const Networks = [{ DynamicPorts: [{ Label: "http", To: 8080 }] }];
    await nomad.submit(mockJob(job_id, failing, { Networks, ...noRestart, ...noDeployment, ...onceRescheduled }));
    const [first, second] = await nomad.allocations(
      job_id,
      (all) => all.length === 2 && all.every((one) => one.ClientStatus === "failed"),
    );
    const ids = [first?.ID ?? "", second?.ID ?? ""].map((id) => id.slice(0, 8));
    const one = await nomad.tell("get_allocation_status", { allocation_id: ids[1] });
    expect(one).toMatch(
      new RegExp(`^${job_id}: api\\[0\\] \\(${ids[1]} on \\S+\\) failed .*: task server exits with code 3`),
    );
    expect(one).toMatch(new RegExp(`^attempt 2, replaces ${ids[0]}$`, "m"));
    expect(one).toMatch(/^Ports: http \S+:\d+ \(8080 inside\)$/m);
    expect(one).toMatch(
      /^Last events of task server:\n( {2}.*: started\n) {2}.*: exits with code 3\n {2}.*: Not Restarting: /m,
    );
    expect(await nomad.tell("get_allocation_status", { allocation_id: first?.ID })).toMatch(
      new RegExp(`replaced by ${ids[1]}`),
    );
    expect(await nomad.tell("get_allocation_status", { job_id })).toMatch(
      /^\S+: 1 current allocation \(1 failed\); 1 earlier allocation \(1 failed\)$/m,
    );
    for (const [args, words] of [
      [{ allocation_id: "ffffffff" }, "There is no allocation that begins with ffffffff"],
      [{ allocation_id: "12345678-1234-1234-1234-123456789abc" }, "There is no allocation 12345678-"],
      [{ allocation_id: ids[1], job_id: "other" }, `belongs to job ${job_id}, not to other`],
    ] as const) {
      const { text, isError } = await nomad.call("get_allocation_status", args);
      expect([isError, text]).toEqual([true, expect.stringContaining(words)]);
    }
  });

  test("get_job_logs: the last lines, those that match, of one stream, and what comes", async ({ nomad }) => {
    const text = Array.from({ length: 300 }, (_, at) => `line ${at + 1}\n`).join("");
    const config = { stdout_string: text, stderr_string: "Warning: old\n" };
    const job_id = await nomad.running("logs", config);
    const last = await nomad.tell("get_job_logs", { job_id, lines: 3 });
    expect(last).toMatch(/^\| line 298\n\| line 299\n\| line 300$/m);
    expect(last).toMatch(/^\| Warning: old$/m);
    expect(last).not.toMatch(/line 297/);
    const matching = await nomad.tell("get_job_logs", { job_id, contains: "LINE 29", lines: 2, stream: "stdout" });
    expect(matching).toMatch(/\n\| line 298\n\| line 299$/);
    expect(matching).not.toMatch(/Warning/);
    expect(await nomad.tell("get_job_logs", { job_id, contains: "nothing like it" })).toMatch(/no line/i);
    const ticking = await nomad.running("ticks", {
      stdout_string: "tick\n",
      stdout_repeat: 3_000,
      stdout_repeat_duration: "100ms",
    });
    const [allocation] = await nomad.allocations(ticking, () => true);
    const followed = await nomad.tell("get_job_logs", {
      allocation_id: allocation?.ID,
      follow_seconds: 2,
      stream: "stdout",
    });
    expect(followed).toMatch(/new lines? in 2s/);
    expect(followed).toMatch(/(\n\| tick){5}/);
    const { text: refused, isError } = await nomad.call("get_job_logs", { job_id, task: "nosuch" });
    expect([isError, refused]).toEqual([
      true,
      expect.stringContaining('has no task "nosuch": it has server in group api'),
    ]);
  });

  test("get_job_usage: beside what was asked, what is measured; what is not, said so", async ({ nomad }) => {
    const job_id = nomad.id("usage");
    const task = { Driver: "raw_exec", Config: { command: "sleep", args: ["300"] } };
    const Tasks = [
      { Name: "main", ...task, Resources: { CPU: 20, MemoryMB: 32 } },
      { Name: "mock", Driver: "mock_driver", Config: { run_for: "1h" }, Resources: { CPU: 20, MemoryMB: 16 } },
    ];
    await nomad.register(mockJob(job_id, {}, { Tasks }));
    await nomad.allocation(job_id, "running");
    const text = await nomad.tell("get_job_usage", { job_id, follow_seconds: 4 });
    // A client measures only where its configuration says so, and the mock driver nowhere.
    expect(text).toMatch(/\n\S+ +api\/main +1 +32 +(\d+ +20 +\d+|not measured +20 +not measured)\n/);
    expect(text).toMatch(/\n\S+ +api\/mock +1 +16 +not measured +20 +not measured\n/);
    if (/main .*not measured/.test(text)) expect(text).toMatch(/^Memory is not measured .*publish_allocation_metrics/);
    expect(await nomad.tell("get_job_usage", { follow_seconds: 0, limit: 100 })).toMatch(/\nLooked once at /);
  });

  test("a name that is not quite right is answered with the nearest one", async ({ nomad }) => {
    const job_id = await nomad.running("nearest");
    const typo = job_id.replace("nearest", "naerest");
    const { text, isError } = await nomad.call("get_job_status", { job_id: typo });
    expect([isError, text]).toEqual([true, `There is no job "${typo}" in namespace default. Nearest: ${job_id}.`]);
    expect(await nomad.tell("get_job_status", { job_id: job_id.slice(0, -1) })).toMatch(
      new RegExp(`^\\(${job_id.slice(0, -1)} taken as ${job_id}, the only job that begins so\\)\n`),
    );
    const stopped = await nomad.call("stop_job", { job_id: job_id.slice(0, -1) });
    expect([stopped.isError, stopped.text]).toEqual([
      true,
      expect.stringMatching(/^There is no job [\s\S]*Nothing was changed\.$/),
    ]);
  });

  test("get_deployment_status and get_evaluation: how a registration went, by the ids that others name", async ({
    nomad,
  }) => {
    const id = nomad.id("deployed");
    const { EvalID } = await nomad.register(mockJob(id, {}, quickDeployment));
    const { ID } = await nomad.deployment(id, "successful");
    expect(await nomad.tell("get_deployment_status", { deployment_id: ID.slice(0, 8) })).toMatch(
      new RegExp(
        `^deployment ${ID.slice(0, 8)} of ${id} version 0 \\(namespace default\\) succeeded .*: 1 of 1 healthy`,
      ),
    );
    expect(await nomad.tell("get_evaluation", { evaluation_id: EvalID })).toMatch(
      new RegExp(`^evaluation ${EvalID.slice(0, 8)} of ${id} \\(namespace default\\): complete`),
    );
    expect((await nomad.call("get_evaluation", { evaluation_id: ID })).text).toContain(
      `There is no evaluation ${ID.slice(0, 8)}. That is the id of a deployment: get_deployment_status deployment_id=${ID.slice(0, 8)}`,
    );
  });

  test("get_node_status: by name and id, with what runs there", async ({ nomad }) => {
    const id = await nomad.running("on-a-node");
    const { NodeID, NodeName } = await nomad.allocation(id, "running");
    for (const node of [NodeName, NodeID.slice(0, 8)]) {
      const text = await nomad.tell("get_node_status", { node });
      expect(text).toMatch(new RegExp(`^${NodeName} \\(node ${NodeID.slice(0, 8)}.*\\): ready, takes work`));
      expect(text).toMatch(new RegExp(`^${id} +`, "m"));
    }
  });
});
