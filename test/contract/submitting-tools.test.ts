import { expect } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { ending, quickDeployment } from "./support/jobs.ts";

contract("the tools that submit", (test) => {
  test("submit_job_file: HCL with variables, the check index, what is unchanged, and what is refused", async ({
    nomad,
  }) => {
    const job_id = nomad.id("hcl");
    const job_file = `variable "text" {\n  type = string\n}\n\njob "${job_id}" {\n  type = "batch"\n  group "api" {\n    task "server" {\n      driver = "mock_driver"\n      config {\n        run_for       = "1s"\n        stdout_string = var.text\n      }\n    }\n  }\n}\n`;
    const variables = 'text = "from a variable\\n"\n';
    const created = await nomad.tell("submit_job_file", { job_file, variables, check_index: 0 });
    expect(created).toMatch(/created \(namespace default\); complete: 1 of 1 finished/);
    expect(await nomad.tell("get_job_logs", { job_id })).toMatch(/^\| from a variable$/m);
    const { JobModifyIndex } = await nomad.get<Job>(`/v1/job/${job_id}`);
    expect(await nomad.get(`/v1/job/${job_id}/submission`, { version: 0 })).toMatchObject({
      Source: job_file,
      Format: "hcl2",
      Variables: variables,
    });
    expect(
      await nomad.tell("submit_job_file", { job_file, variables, check_index: JobModifyIndex, wait_seconds: 0 }),
    ).toMatch(
      /unchanged and evaluated again, version 0 \(namespace default\); not followed: evaluation [0-9a-f]{8}; get_job_status /,
    );
    for (const [args, words] of [
      [{ variables, check_index: 0 }, /^There is a job \S+ already in namespace default \(version 0/],
      [{ variables, check_index: 7 }, /is not as it was at check_index=7/],
      [{ variables: `${variables}txet = "x"\n` }, /declares no variable txet/],
      [{}, /Unset variable "text"/],
      [
        { job_file: job_file.replace("driver", "drivr"), variables },
        /line 9, column 7: Unsupported argument; .*\n +9: +drivr = "mock_driver"/,
      ],
      [
        { job_file: job_file.replace('type = "batch"', 'type = "service"'), variables },
        /cannot update job from type "batch" to "service"/,
      ],
      [{ job_file: `job "${job_id}" {\n  type = "batch"\n}\n` }, /Missing job task groups/],
      [{ job_file: `{"Job":{"ID":"${job_id}","task_groups":[]}}` }, /task_groups/],
    ] as const) {
      const { text, isError } = await nomad.call("submit_job_file", { job_file, ...args });
      expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
      expect(text).toMatch(/Nothing was submitted/);
    }
    expect(await nomad.get<Job>(`/v1/job/${job_id}`)).toMatchObject({ Version: 0, JobModifyIndex });
  });

  test("submit_job_file: a file as answers show it is refused, and the words of the mask that a job really has stay", async ({
    nomad,
  }) => {
    const job_id = nomad.id("masked");
    const Templates = [{ DestPath: "local/redact.yaml", EmbeddedTmpl: 'first: 1\nreplacement: "[masked]"\n' }];
    const Env = { DB_PASSWORD: "made-up-4711", REDACTED_AS: "[masked]", LOG_LEVEL: "info" };
    const driver = { Driver: "mock_driver", Config: { run_for: "1h" }, Resources: { CPU: 20, MemoryMB: 16 } };
    const job = mockJob(job_id, {}, { Tasks: [{ Name: "server", ...driver, Env, Templates }], ...quickDeployment });
    await nomad.ask("POST", "/v1/jobs", { body: { Job: job } });
    const own = JSON.stringify(job, null, 2);
    const answered = own.replace("made-up-4711", "[masked]").replace("info", "debug");
    for (const tool of ["plan_job", "validate_job_file", "submit_job_file"]) {
      const { text, isError } = await nomad.call(tool, { job_file: answered });
      expect([isError, text]).toEqual([true, expect.stringMatching(/of job_file: \[masked\] stands for a value/)]);
    }
    expect(await nomad.get<Job>(`/v1/job/${job_id}`)).toMatchObject({ Version: 0 });
    expect(await nomad.tell("plan_job", { job_file: own.replace("info", "debug") })).toContain(
      "LOG_LEVEL: info -> debug",
    );
  });

  test("submit_job_file: what runs answers at its ports", async ({ nomad }) => {
    const job_id = nomad.id("ports");
    const networks = { Networks: [{ DynamicPorts: [{ Label: "http" }] }] };
    const job_file = JSON.stringify(mockJob(job_id, {}, { ...networks, ...quickDeployment }));
    const text = await nomad.tell("submit_job_file", { job_file });
    expect(text).toMatch(/; running: 1 of 1 healthy[^\n]*\nPorts: http [\d.]+:\d+$/);
  });

  test("submit_job_file: the file's namespace goes before the setting, and a contradiction is refused", async ({
    nomad,
  }) => {
    await nomad.needNamespace("prod");
    const job_id = nomad.id("spaces");
    const file = (namespace: string) =>
      JSON.stringify(mockJob(job_id, ending, {}, { Type: "batch", Namespace: namespace }));
    const refused = await nomad.call("submit_job_file", { job_file: file("prod"), namespace: "default" });
    expect([refused.isError, refused.text]).toEqual([
      true,
      expect.stringMatching(/says namespace prod, the call says namespace=default/),
    ]);
    expect(await nomad.tell("submit_job_file", { job_file: file("prod") })).toMatch(
      /created \(namespace prod, as the file says\); complete: 1 of 1 finished/,
    );
    expect(await nomad.tell("get_job_status", { job_id })).toMatch(/^\(\S+ is in namespace prod, not in default\)\n/);
    const stopped = await nomad.call("stop_job", { job_id });
    expect([stopped.isError, stopped.text]).toEqual([
      true,
      expect.stringMatching(/is not in namespace default, but in 1 namespace: prod/),
    ]);
    const nowhere = await nomad.call("submit_job_file", { job_file: file("contract-none") });
    expect([nowhere.isError, nowhere.text]).toEqual([
      true,
      expect.stringMatching(/^There is no namespace contract-none; there is default/),
    ]);
    const noPool = JSON.stringify(mockJob(nomad.id("pool"), {}, {}, { NodePool: "contract-none" }));
    const unpooled = await nomad.call("submit_job_file", { job_file: noPool });
    expect([unpooled.isError, unpooled.text]).toEqual([
      true,
      expect.stringMatching(/no node pool contract-none .*there is all/),
    ]);
    expect(await nomad.tell("stop_job", { job_id, namespace: "*", purge: true })).toMatch(/purged \(namespace prod\)/);
  });

  test("create_job: a job from an image, which replaces none", async ({ nomad }) => {
    const job_id = nomad.id("create");
    const simple = {
      job_id,
      docker_image: "nginx:1.29",
      ports: [{ Label: "http", To: 80 }],
      env_vars: { LEVEL: "info" },
    };
    // Nowhere, so that no image is fetched.
    const created = await nomad.tell("create_job", {
      ...simple,
      datacenters: ["contract-none"],
      count: 2,
      cpu: 50,
      memory: 64,
    });
    expect(created).toMatch(/created \(namespace default\); not placed: 0 of 2 running/);
    const job = await nomad.get<Job>(`/v1/job/${job_id}`);
    expect(job).toMatchObject({ Type: "service", Datacenters: ["contract-none"], TaskGroups: [{ Count: 2 }] });
    const [task] = job.TaskGroups?.[0]?.Tasks ?? [];
    expect(task).toMatchObject({
      Driver: "docker",
      Config: { image: "nginx:1.29", ports: ["http"] },
      Env: { LEVEL: "info" },
      Resources: { CPU: 50, MemoryMB: 64 },
    });
    const again = await nomad.call("create_job", simple);
    expect([again.isError, again.text]).toEqual([
      true,
      expect.stringMatching(/already \(version 0, .*and create_job replaces none/),
    ]);
    await nomad.stop(job_id);
    const stopped = await nomad.call("create_job", simple);
    expect([stopped.isError, stopped.text]).toEqual([
      true,
      expect.stringMatching(/version 1, stopped, [\s\S]*start_job job_id=\S+ starts it/),
    ]);
    expect(await nomad.get<Job>(`/v1/job/${job_id}`)).toMatchObject({ Version: 1 });
  });
});
