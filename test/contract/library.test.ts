import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { jobHeading } from "../../src/nomad/jobs/file/job-heading.ts";
import { libraryFolder } from "../support/session.ts";
import { contract } from "./support/contract.ts";

/** A job file of the usual library, with a scaling block, a count and an amount of CPU. */
function write(id: string, cpu: number, { ofJob = "", ofGroup = "", ofTask = "" } = {}): string {
  const path = join(libraryFolder(), `${id}.nomad.hcl`);
  writeFileSync(
    path,
    `variable "cpu" {
  default = ${cpu}
}

job "${id}" {
  ${ofJob}
  group "api" {
    count = 2
    ${ofGroup}
    scaling {
      min = 1
      max = 5
    }
    update {
      min_healthy_time = "1s"
    }
    task "server" {
      driver = "mock_driver"
      ${ofTask}
      config {
        run_for = "1h"
      }
      template {
        data        = file("${id}.tpl")
        destination = "local/banner"
      }
      resources {
        cpu    = var.cpu
        memory = 16
      }
    }
  }
}
`,
  );
  return path;
}

contract("job files of the library", (test) => {
  test("what is submitted from a file is the same, until it is scaled, edited by hand, reverted or purged", async ({
    nomad,
  }) => {
    const id = nomad.id("kept");
    const file = `job-files/${id}.nomad.hcl`;
    const banner = join(libraryFolder(), `${id}.tpl`);
    writeFileSync(banner, `a "quoted" \${not_a_variable} text\n`);
    const path = write(id, 20);
    nomad.undo(async () => {
      rmSync(path, { force: true });
      rmSync(banner, { force: true });
    });
    const drift = () => nomad.tell("find_drift", { filter: id });
    expect(await nomad.tell("list_job_files", { filter: id })).toMatch(/^1 job file .*: 1 not running\n/);
    expect(await nomad.tell("get_job_file", { file, task: "server" })).toContain(`file("${id}.tpl")`);
    expect(await nomad.tell("plan_job", { file })).toMatch(/would be created: 2 new/);
    expect(await nomad.tell("submit_job_file", { file })).toMatch(/created .*2 of 2 healthy/);
    expect(await nomad.tell("get_job_spec", { job_id: id, section: "source" })).toContain("$${not_a_variable}");
    expect(await drift()).toMatch(/^No drift /);

    const asItRuns = readFileSync(path, "utf8");
    writeFileSync(path, asItRuns.replace("count = 2", "count = 4"));
    expect(await drift()).toMatch(/^1 job differs from the file [\s\S]*count: 2 -> 4/);
    writeFileSync(path, asItRuns);

    await nomad.tell("scale_job", { job_id: id, group: "api", count: 3 });
    expect(await drift()).toMatch(
      /^1 job only in counts that scaling set [\s\S]*scaled 2 -> 3[\s\S]*counts that scaling set: api 2 -> 3/,
    );

    const byHand = readFileSync(path, "utf8")
      .replace("default = 20", "default = 30")
      .replace(`file("${id}.tpl")`, '"x"');
    await nomad.tell("submit_job_file", { job_file: byHand });
    expect(await drift()).toMatch(/^1 job differs from the file [\s\S]*version 2, submitted [\s\S]*cpu: 30 -> 20/);

    await nomad.tell("revert_job", { job_id: id, version: "0" });
    expect(await drift()).toMatch(/^No drift |as version 0 was/);

    expect(await nomad.tell("save_job_file", { file, replace: "default = 20", with: "default = 40" })).toMatch(
      /saved; not committed/,
    );
    expect(await drift()).toMatch(/cpu: 20 -> 40/);

    await nomad.tell("stop_job", { job_id: id, purge: true });
    expect(await drift()).toMatch(/1 file of which nothing runs/);
  });

  test("what Nomad's diff leaves out is a difference too, beside a scaling block that it always calls one", async ({
    nomad,
  }) => {
    const id = nomad.id("left-out");
    const file = `job-files/${id}.nomad.hcl`;
    const banner = join(libraryFolder(), `${id}.tpl`);
    writeFileSync(banner, "hello\n");
    const path = write(id, 20);
    nomad.undo(async () => {
      rmSync(path, { force: true });
      rmSync(banner, { force: true });
    });
    const drift = () => nomad.tell("find_drift", { filter: id });
    const spread = (weight: number) => `spread {
  attribute = "\${node.datacenter}"
  weight    = ${weight}
  target "dc1" {
    percent = 70
  }
}`;
    const restart = 'restart {\n attempts = 7\n interval = "1h"\n delay = "9s"\n mode = "delay"\n}';
    const wanted = { ofJob: spread(60), ofGroup: spread(50), ofTask: restart };
    await nomad.tell("submit_job_file", { file });
    expect(await drift()).toMatch(/^No drift /);
    write(id, 20, wanted);
    expect(await drift()).toMatch(
      /^1 job differs from the file [\s\S]*\n {2}spread changed\n {2}group api > spread changed\n {2}group api > task server > restart changed\n/,
    );
    expect(await nomad.tell("plan_job", { file })).toMatch(
      /updated in place\n[\s\S]*Changes:\n {2}spread changed\n {2}group api > spread changed\n {2}group api > task server > restart changed\n/,
    );
    await nomad.tell("submit_job_file", { file });
    expect(await drift()).toMatch(/^No drift /);
    write(id, 20, { ...wanted, ofJob: spread(61) });
    expect(await drift()).toMatch(/^1 job differs from the file [\s\S]*\n {2}spread changed\n(?! )/);
  });

  test("what is read of a job file without Nomad is what Nomad reads, however people write it", async ({ nomad }) => {
    const group = '  group "g" {\n    task "t" {\n      driver = "mock_driver"\n    }\n  }\n';
    const styles = [
      `job "plain" {\n${group}}\n`,
      `job "spaced"   {\n\n  namespace   =   "default"\n${group}}\n`,
      `# job "old" {}\n/* job "older" {} */\njob "commented" { # of a team\n  // its place\n${group}}\n`,
      `variable "count" {\n  default = "job \\"x\\" {"\n}\nlocals {\n  a = 1\n}\njob "varied" {\n${group}}\n`,
      `job "named" {\n  id = "by-id"\n${group}}\n`,
      `job "heredoc" {\n  meta = {\n    x = <<-EOF\n    job "inner" {}\n    }\n    EOF\n  }\n  namespace = "default"\n${group}}\n`,
      `job "windows" {\n  namespace = "default"\n${group}}\n`.replaceAll("\n", "\r\n"),
      `job "größe" {\n${group}}\n`,
    ];
    for (const text of styles) {
      const body = { JobHCL: text, Canonicalize: false };
      const parsed = await nomad.ask<{ ID: string; Namespace: string | null }>("POST", "/v1/jobs/parse", { body });
      expect(jobHeading(text)).toEqual({ id: parsed.ID, namespace: parsed.Namespace ?? undefined });
    }
  });
});
