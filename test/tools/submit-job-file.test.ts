import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import type { JobChange } from "../../src/endpoints/jobs.ts";
import { address, type Exchange, type RecordedState, recorded, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

interface Registration {
  readonly Job: Record<string, unknown>;
  readonly Submission: Record<string, unknown>;
  readonly EnforceIndex: boolean;
  readonly JobModifyIndex: number;
  readonly PreserveCounts: boolean;
}

interface Case {
  /** The recorded folder of the cluster's job. */
  readonly job: string;
  readonly edit?: (state: RecordedState) => void;
  /** True where the job is there only once it was registered. */
  readonly fresh?: boolean;
  /** What Nomad answered when the job was registered, `register/<job>.json` unless said; undefined: nothing may be registered. */
  readonly register?: Exchange<JobChange | string> | undefined;
  readonly parse?: string;
  readonly args: Record<string, unknown>;
}

/** The answer, and what was sent to register the job. */
async function submit({ job, edit, fresh = false, register, parse, args }: Case) {
  const registered: { body: Registration; namespace: string | null }[] = [];
  const replay = ({ body, headers, status }: Exchange) =>
    new HttpResponse(typeof body === "string" ? body : JSON.stringify(body), { headers, status });
  const evaluations: RecordedState["evaluations"] = [];
  recordedNomad({
    job,
    edit(state) {
      edit?.(state);
      evaluations.push(...state.evaluations);
    },
    extra: [
      http.post<never, Registration>(`${address}/v1/jobs`, async ({ request }) => {
        if (register === undefined) return undefined;
        registered.push({ body: await request.json(), namespace: new URL(request.url).searchParams.get("namespace") });
        return replay(register);
      }),
      http.post(`${address}/v1/jobs/parse`, () => (parse === undefined ? undefined : replay(recorded(parse)))),
      http.get<{ id: string }>(`${address}/v1/evaluation/:id`, ({ params }) =>
        HttpResponse.json(evaluations.find(({ ID }) => ID === params.id)),
      ),
      http.get(`${address}/v1/job/:id`, () =>
        fresh && registered.length === 0 ? new HttpResponse("job not found", { status: 404 }) : undefined,
      ),
      http.get(`${address}/v1/namespaces`, () => HttpResponse.json([{ Name: "default" }, { Name: "prod" }])),
    ],
  });
  const session = await openSession({ address });
  const { text, isError } = await session.call("submit_job_file", args);
  await session.close();
  return { text, isError, registered };
}

const reply = (file: string) => recorded<JobChange>(`register/${file}.json`);
/** The job file as it was registered when the folder was recorded. */
const jobFile = (file: string, change: (text: string) => string = (text) => text) => {
  const { request } = recorded(`register/${file}.json`);
  return change(JSON.stringify(request.body));
};

describe("what becomes of it", () => {
  test("a new job that cannot be placed", async () => {
    const { text, registered } = await submit({
      job: "too-big",
      fresh: true,
      register: reply("too-big"),
      args: { job_file: jobFile("too-big") },
    });
    expect(registered).toHaveLength(1);
    expect(text).toMatchInlineSnapshot(`
      "too-big created (namespace default); not placed: 0 of 1 running after 2s
      Why: no node has 900,000 MB of memory for task server; 1 of 1 node is too small, the largest has 8,192 MB
      Next: ask for less than 8,192 MB, or add a larger node"
    `);
  });

  test("an update that runs, the counts that it changed, and Nomad's warnings", async () => {
    const { text } = await submit({
      job: "web",
      edit(state) {
        for (const group of state.job.TaskGroups ?? []) group.Count = 10;
      },
      register: reply("web"),
      args: { job_file: jobFile("web"), wait_seconds: 0 },
    });
    expect(text).toMatchInlineSnapshot(`
      "web updated to version 1 (namespace default); not followed: evaluation 981b18b4; get_job_status job_id=web says how it ends
      Counts changed: api 10 -> 3 (scaling may have set what there was; preserve_counts=true keeps it)
      Warning: group "api" defines services, but neither the group nor any of its tasks have shutdown_delay set; write shutdown_delay = "5s" in the group"
    `);
  });

  test("a periodic job", async () => {
    const { text } = await submit({
      job: "nightly",
      fresh: true,
      register: reply("nightly"),
      args: { job_file: jobFile("nightly") },
    });
    expect(text.split("\n")[0]).toMatch(/^nightly created \(namespace default\); registered: /);
    expect(text).toContain("Warning: cron is deprecated");
  });

  test("an unchanged job is only evaluated again", async () => {
    const { body, ...rest } = reply("web");
    const { text } = await submit({
      job: "web",
      // As observed: the reply's JobModifyIndex is then the job's ModifyIndex (nomad-observed.md §4).
      register: { ...rest, body: { ...body, JobModifyIndex: 80, EvalCreateIndex: 91, Warnings: "" } },
      args: { job_file: jobFile("web"), wait_seconds: 0 },
    });
    expect(text).toMatchInlineSnapshot(
      `"web unchanged and evaluated again, version 0 (namespace default); not followed: evaluation 981b18b4; get_job_status job_id=web says how it ends"`,
    );
  });

  test("a stopped job is started, groups that are gone are named, counts are kept", async () => {
    const { text, registered } = await submit({
      job: "web",
      edit({ job }) {
        job.Stop = true;
        const [group] = job.TaskGroups ?? [];
        if (group)
          job.TaskGroups = [
            { ...group, Count: 7 },
            { ...group, Name: "worker", Count: 2 },
          ];
      },
      register: reply("web"),
      args: { job_file: jobFile("web"), preserve_counts: true, wait_seconds: 0 },
    });
    expect(registered[0]?.body.PreserveCounts).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "web updated to version 1 (namespace default); not followed: evaluation 981b18b4; get_job_status job_id=web says how it ends
      It was stopped, and this started it again.
      Counts kept: api 7 (the file says 3)
      No longer in the file, and so stopped: worker (count 2)
      Warning: group "api" defines services, but neither the group nor any of its tasks have shutdown_delay set; write shutdown_delay = "5s" in the group"
    `);
  });
});

describe("what is sent", () => {
  test("the whole job with its source, in the file's namespace, bound to what was read", async () => {
    const { request } = recorded("parse/hello-vars.json");
    const { JobHCL = "", Variables = "" } = Object(request.body);
    const { text, registered } = await submit({
      job: "web",
      parse: "parse/hello-vars.json",
      register: reply("hello"),
      args: { job_file: JobHCL, variables: Variables, wait_seconds: 0 },
    });
    expect(text).toMatchInlineSnapshot(
      `"hello created (namespace prod, as the file says); not followed: evaluation 8ff93135; get_job_status job_id=hello namespace=prod says how it ends"`,
    );
    const [{ body, namespace } = {}] = registered;
    expect(namespace).toBe("prod");
    expect(body).toMatchObject({ EnforceIndex: true, JobModifyIndex: 0, PreserveCounts: false });
    expect(body?.Submission).toEqual({ Source: JobHCL, Format: "hcl2", Variables, VariableFlags: {} });
    expect(recorded("parse/hello-vars.json").body).toMatchObject(body?.Job ?? {});
  });

  test("an update is bound to the job that was read", async () => {
    const { registered } = await submit({
      job: "web",
      register: reply("web"),
      args: { job_file: jobFile("web"), check_index: 13, wait_seconds: 0 },
    });
    expect(registered[0]?.body).toMatchObject({ EnforceIndex: true, JobModifyIndex: 13 });
  });
});

describe("nothing is sent", () => {
  /** Fails by itself where anything is registered. */
  const refused = async (args: Record<string, unknown>, more: Partial<Case> = {}) => {
    const { text, isError, registered } = await submit({ job: "web", args, ...more });
    expect({ isError, registered }).toEqual({ isError: true, registered: [] });
    return text;
  };

  test("where the job is not as check_index says", async () => {
    expect(await refused({ job_file: jobFile("web"), check_index: 12 })).toMatchInlineSnapshot(
      `
      "web is not as it was at check_index=12: it was removed and created anew since, and version 0 was submitted 5s ago; its index is 13 now. Nothing was submitted.
      Next: plan_job with the same file says what it would do now, and the index of now"
    `,
    );
    expect(await refused({ job_file: jobFile("web"), check_index: 0 })).toMatchInlineSnapshot(
      `
      "There is a job web already in namespace default (version 0, index 13), and check_index=0 asks that there be none. Nothing was submitted.
      Next: plan_job with the same file says what it would do now, and the index of now"
    `,
    );
    expect(await refused({ job_file: jobFile("too-big"), check_index: 24 })).toMatchInlineSnapshot(
      `"There is no job too-big in namespace default, so check_index=24 cannot fit; 0 asks that there be none. Nothing was submitted."`,
    );
  });

  test("where the parser refuses the file", async () => {
    const text = await refused({ job_file: 'job "x" {}' }, { parse: "errors/parse-file-fn.json" });
    expect(text).toContain("Nomad's server reads no files");
  });

  test("where a variable is not declared", async () => {
    const text = await refused(
      { job_file: 'variable "image" {}', variables: 'imgae = "x"' },
      { parse: "parse/hello.json" },
    );
    expect(text).toMatchInlineSnapshot(
      `"The job file declares no variable imgae: Nomad would ignore what was given. It declares image. Nothing was submitted."`,
    );
  });

  test("where the JSON would be misread", async () => {
    const wrong = jobFile("web", (text) => text.replace("TaskGroups", "task_groups"));
    expect(await refused({ job_file: wrong })).toMatchInlineSnapshot(`
      "The job's JSON would not arrive in Nomad as it is meant. Nothing was submitted.
        task_groups: Nomad's JSON calls it TaskGroups"
    `);
  });

  test("where the namespaces contradict each other", async () => {
    const inProd = jobFile("web", (text) => text.replace('"ID":', '"Namespace":"prod","ID":'));
    expect(await refused({ job_file: inProd, namespace: "default" })).toContain("says namespace prod");
  });
});

describe("Nomad refuses it", () => {
  const answer = async (register: Exchange<string>, args: Record<string, unknown> = {}) => {
    const { text, isError } = await submit({ job: "web", register, args: { job_file: jobFile("web"), ...args } });
    expect(isError).toBe(true);
    return text;
  };

  test("since somebody else was faster", async () => {
    const conflict = recorded<string>("register/enforce-conflict.json");
    expect(await answer(conflict)).toMatchInlineSnapshot(
      `"Somebody else changed web at this very moment. Nothing was submitted: call again."`,
    );
  });

  test("for what is wrong in the job", async () => {
    expect(await answer(recorded<string>("errors/register-empty.json"))).toMatchInlineSnapshot(`
      "Nomad does not accept job web. Nothing was submitted.
        Missing job task groups"
    `);
    // As Nomad 2.0.6 answered a task without a driver that asked for no CPU.
    const nested =
      "1 error occurred:\n\t* Task group api validation failed: 1 error occurred:\n\t* Task server validation failed: 2 errors occurred:\n\t* Missing task driver\n\t* 1 error occurred:\n\t* 1 error occurred:\n\t* minimum CPU value is 1; got 0\n\n\n\n\n\n\n\n";
    expect(await answer({ ...recorded<string>("errors/register-empty.json"), body: nested })).toMatchInlineSnapshot(`
      "Nomad does not accept job web. Nothing was submitted.
        Task group api validation failed:
        Task server validation failed:
        Missing task driver
        minimum CPU value is 1; got 0"
    `);
  });

  test("since the namespace does not exist", async () => {
    const register = recorded<string>("errors/register-unknown-namespace.json");
    expect(await answer(register, { namespace: "ghost" })).toMatchInlineSnapshot(`
      "There is no namespace ghost; there is default and prod. Nothing was submitted.
      Next: nomad namespace apply ghost creates it"
    `);
  });
});
