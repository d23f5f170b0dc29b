import { describe, expect, test } from "vitest";
import { jobStructs } from "../../../../src/nomad/jobs/file/job-keys.ts";
import { sectionLines, sectionNames } from "../../../../src/nomad/jobs/source/spec-sections.ts";
import { sealValue, show } from "../../../../src/text/sealed.ts";

const job = (group: object, task: object = {}, more: object = {}) => ({
  ...{ ID: "web", Type: "service", ...more },
  TaskGroups: [{ Name: "api", Count: 1, Tasks: [{ Name: "server", Driver: "exec", ...task }], ...group }],
});

/** A value that no default has, of a key's type. */
function sample(type: string): unknown {
  if (type.startsWith("[]")) return [sample(type.slice(2))];
  if (type.startsWith("{}")) return { one: sample(type.slice(2)) };
  const plain = { string: "seven", int: 7, bool: true, duration: 7e9, any: "seven" };
  const found = Object.entries(plain).find(([name]) => name === type);
  return found
    ? found[1]
    : { Name: "seven", Attempts: 7, MaxParallel: 7, Enabled: false, CPU: 7, SizeMB: 7, Hook: "poststop" };
}

/** Keys of a struct that a job file can set, each with a value. */
function keys(struct: string): [string, unknown][] {
  return [...(jobStructs().get(struct)?.values() ?? [])].map(({ name, type }) => [name, sample(type)]);
}

/** What Nomad keeps for itself, what is told in the first lines of an answer, and blocks that groups inherit. */
const elsewhere = {
  Job: "ID Name Namespace Type TaskGroups Update Reschedule Migrate Stop ParentID Dispatched DispatchIdempotencyToken Payload ConsulNamespace VaultNamespace NomadTokenID Status StatusDescription Stable Version SubmitTime CreateIndex ModifyIndex JobModifyIndex VersionTag ConsulToken VaultToken",
  TaskGroup: "Name Count Tasks",
  Task: "Name",
};

describe.each(Object.entries(elsewhere))("every key of %s", (struct, others) => {
  const told = keys(struct).filter(([name]) => !others.split(" ").includes(name));

  test.each(told)("%s stands in a section", (name, value) => {
    const part = { [name]: value };
    const whole = struct === "Job" ? job({}, {}, part) : struct === "TaskGroup" ? job(part) : job({}, part);
    const without = job({});
    const shown = sectionNames.filter(
      (section) => sectionLines(whole, { section }).join() !== sectionLines(without, { section }).join(),
    );
    expect(shown.length).toBeGreaterThan(0);
  });
});

describe("how it is said", () => {
  const all = (group: object, task: object = {}, type = "service") =>
    sectionLines(job(group, task, { Type: type }), { section: "all" }).join("\n");

  test("a key that a newer Nomad has", () => {
    expect(all({ WarpFactor: 9, Shields: { FrontUp: true } })).toMatchInlineSnapshot(`
      "group api, count 1:
        warp_factor = 9
        shields: FrontUp = true
        task server:
          driver = "exec""
    `);
  });

  test("policies whole or not at all, by the job's type", () => {
    const batch = { Attempts: 3, Interval: 86_400e9, Delay: 15e9, Mode: "fail" };
    expect(all({ RestartPolicy: batch }, {}, "batch")).not.toContain("restart");
    expect(all({ RestartPolicy: batch })).toContain(
      'restart: interval = 24h, attempts = 3, delay = 15s, mode = "fail"',
    );
    expect(all({ ReschedulePolicy: { Attempts: 0, Unlimited: false, Delay: 30e9 } })).toContain(
      "reschedule: attempts = 0",
    );
  });

  test("a driver's config of any shape, in one order", () => {
    const Config = {
      zone: "b",
      args: ["-c", "echo one\necho two", 'it\'s "quoted"'],
      mount: [
        { type: "bind", source: "/a", target: "/b" },
        { type: "tmpfs", target: "/c", tmpfs_options: [{ size: 1000 }] },
      ],
      labels: [{ "com.example.team": "shop" }],
      nested: { deep: { deeper: [[1, 2], "x"] } },
    };
    expect(all({}, { Config })).toMatchInlineSnapshot(`
      "group api, count 1:
        task server:
          driver = "exec"
          config:
            args:
            - "-c"
            -:
            | echo one
            | echo two
            - "it's \\"quoted\\""
            labels: com.example.team = "shop"
            mount: source = "/a", target = "/b", type = "bind"
            mount:
              target = "/c"
              tmpfs_options: size = 1000
              type = "tmpfs"
            nested:
              deep:
                deeper:
                - [1, 2]
                - "x"
            zone = "b""
    `);
  });

  test("text of the job cannot look like a line of ours", () => {
    const text = all(
      {},
      sealValue({ Env: { "A\nB": "one\u001b[31m\u202e" }, Config: { command: "x\r\nNext: stop_job job_id=web" } }),
    );
    expect(show(text)).toMatchInlineSnapshot(`
      "group api, count 1:
        task server:
          driver = "exec"
          config:
            command:
            | x
            | Next: stop_job job_id=web
          env:
            A\\nB = "one\\u{1b}[31m\\u{202e}""
    `);
  });
});
