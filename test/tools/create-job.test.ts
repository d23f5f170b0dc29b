import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import type { JobChange } from "../../src/endpoints/jobs.ts";
import { address, type Exchange, type RecordedState, recorded, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

interface Registration {
  readonly Job: Record<string, unknown>;
  readonly Submission: { readonly Source: string; readonly Format: string };
  readonly EnforceIndex: boolean;
  readonly JobModifyIndex: number;
}

interface Case {
  /** The recorded folder of the cluster's job. */
  readonly job: string;
  readonly edit?: (state: RecordedState) => void;
  /** What Nomad answered; undefined: nothing may be registered. */
  readonly register?: Exchange<JobChange | string>;
  readonly args: Record<string, unknown>;
}

const ready = { Detected: true, Healthy: true, HealthDescription: "Healthy" };

async function create({ job, edit, register, args }: Case) {
  const sent: Registration[] = [];
  const evaluations: RecordedState["evaluations"] = [];
  recordedNomad({
    job,
    edit(state) {
      // The recorded node has no docker.
      state.nodes = state.nodes.map((node) => ({ ...node, Drivers: { ...node.Drivers, docker: ready } }));
      edit?.(state);
      evaluations.push(...state.evaluations);
    },
    extra: [
      http.post<never, Registration>(`${address}/v1/jobs`, async ({ request }) => {
        if (register === undefined) return undefined;
        sent.push(await request.json());
        const { body, headers, status } = register;
        return new HttpResponse(typeof body === "string" ? body : JSON.stringify(body), { headers, status });
      }),
      http.get<{ id: string }>(`${address}/v1/evaluation/:id`, ({ params }) =>
        HttpResponse.json(evaluations.find(({ ID }) => ID === params.id)),
      ),
    ],
  });
  const session = await openSession({ address });
  const { text, isError } = await session.call("create_job", args);
  await session.close();
  return { text, isError, sent };
}

const registered = recorded<JobChange>("register/web.json");
const exists = recorded<string>("register/enforce-conflict.json");

test("sends a job of one docker task, with its source, that must not be there yet", async () => {
  const { sent, text } = await create({
    job: "web",
    register: registered,
    args: {
      job_id: "shop/web-ü",
      docker_image: "nginx:1.27",
      command: ["nginx", "-g", "daemon off;"],
      count: 2,
      cpu: 200,
      memory: 128,
      ports: [{ Label: "http", To: 80 }, { Label: "admin", Value: 9090, To: 90 }, { Label: "debug" }],
      env_vars: { LOG_LEVEL: "info", WORKERS: 4, FAST: true },
      datacenters: ["dc1"],
      wait_seconds: 0,
    },
  });
  const [request] = sent;
  expect(request).toMatchObject({ EnforceIndex: true, JobModifyIndex: 0 });
  expect(request?.Submission.Format).toBe("json");
  expect(JSON.parse(request?.Submission.Source ?? "")).toEqual(request?.Job);
  expect(request?.Job).toMatchInlineSnapshot(`
    {
      "Datacenters": [
        "dc1",
      ],
      "ID": "shop/web-ü",
      "Name": "shop/web-ü",
      "Namespace": "default",
      "TaskGroups": [
        {
          "Count": 2,
          "Name": "shop-web",
          "Networks": [
            {
              "DynamicPorts": [
                {
                  "Label": "http",
                  "To": 80,
                },
                {
                  "Label": "debug",
                },
              ],
              "ReservedPorts": [
                {
                  "Label": "admin",
                  "To": 90,
                  "Value": 9090,
                },
              ],
            },
          ],
          "Tasks": [
            {
              "Config": {
                "args": [
                  "-g",
                  "daemon off;",
                ],
                "command": "nginx",
                "image": "nginx:1.27",
                "ports": [
                  "http",
                  "admin",
                  "debug",
                ],
              },
              "Driver": "docker",
              "Env": {
                "FAST": "true",
                "LOG_LEVEL": "info",
                "WORKERS": "4",
              },
              "Name": "shop-web",
              "Resources": {
                "CPU": 200,
                "MemoryMB": 128,
              },
            },
          ],
        },
      ],
      "Type": "service",
    }
  `);
  expect(text).toMatchInlineSnapshot(`
    "shop/web-ü created (namespace default); not followed: evaluation 981b18b4; get_job_status job_id=shop/web-ü says how it ends
    Port debug has no To: the container must listen on the port that it finds in NOMAD_PORT_debug
    Warning: group "api" defines services, but neither the group nor any of its tasks have shutdown_delay set; write shutdown_delay = "5s" in the group"
  `);
});

test("what is not said has Nomad's defaults", async () => {
  const args = { job_id: "web", docker_image: "nginx", type: "system", wait_seconds: 0 };
  const { sent } = await create({ job: "web", register: registered, args });
  expect(sent[0]?.Job).toMatchInlineSnapshot(`
    {
      "Datacenters": [
        "*",
      ],
      "ID": "web",
      "Name": "web",
      "Namespace": "default",
      "TaskGroups": [
        {
          "Name": "web",
          "Tasks": [
            {
              "Config": {
                "image": "nginx",
              },
              "Driver": "docker",
              "Env": {},
              "Name": "web",
              "Resources": {
                "CPU": 100,
                "MemoryMB": 300,
              },
            },
          ],
        },
      ],
      "Type": "system",
    }
  `);
});

test("tells why it does not run", async () => {
  const { text } = await create({
    job: "no-driver",
    register: recorded<JobChange>("register/no-driver.json"),
    args: { job_id: "no-driver", docker_image: "nginx:1.27" },
  });
  expect(text).toMatchInlineSnapshot(`
    "no-driver created (namespace default); not placed: 0 of 1 running after 2s
    Why: the driver podman is missing or unhealthy on 1 of 1 node; there are docker, mock_driver and raw_exec
    Next: use another driver, or get podman running on a node"
  `);
});

test("is refused where no node has docker, with the drivers that there are", async () => {
  const { isError, sent, text } = await create({
    job: "no-driver",
    edit(state) {
      state.nodes = state.nodes.map(({ Drivers, ...node }) => ({ ...node, Drivers: { raw_exec: ready } }));
      state.job.ID = "another";
    },
    args: { job_id: "no-driver", docker_image: "nginx:1.27" },
  });
  expect(isError).toBe(true);
  expect(sent).toEqual([]);
  expect(text).toMatchInlineSnapshot(`
    "No node can run no-driver: docker is on no node; there is raw_exec. Nothing was submitted.
    Next: install docker on a node and restart its Nomad client, or submit a job file with another driver"
  `);
});

describe("a job that is there is not replaced", () => {
  const answer = async (edit?: (state: RecordedState) => void) => {
    const args = { job_id: "web", docker_image: "nginx:1.27" };
    const { text, isError } = await create({ job: "web", register: exists, args, ...(edit && { edit }) });
    expect(isError).toBe(true);
    return text;
  };

  test("running", async () => {
    expect(await answer()).toMatchInlineSnapshot(`
      "There is a job web already (version 0, namespace default), and create_job replaces none. Nothing was changed.
      Next: submit_job_file changes it"
    `);
  });

  test("stopped", async () => {
    const text = await answer(({ job }) => {
      job.Stop = true;
    });
    expect(text).toMatchInlineSnapshot(`
      "There is a job web already (version 0, stopped, namespace default), and create_job replaces none. Nothing was changed.
      Next: start_job job_id=web starts it as it was; stop_job job_id=web purge=true removes it, so that it can be created anew"
    `);
  });
});

describe("nothing is sent", () => {
  const refused = async (args: Record<string, unknown>) => {
    const { text, isError, sent } = await create({ job: "web", args });
    expect({ isError, sent }).toEqual({ isError: true, sent: [] });
    return text;
  };

  test("where arguments cannot be meant: all of them at once", async () => {
    const text = await refused({
      job_id: "a b",
      docker_image: "nginx 1.27",
      type: "system",
      datacenters: [""],
      count: 1.5,
      cpu: 0,
      memory: 5,
      ports: [{ To: 80 }, { Label: "x", Value: 80 }, { Label: "x", Value: 80, To: 70_000 }],
      env_vars: { "A=B": "1", LIST: [1] },
    });
    expect(text).toMatchInlineSnapshot(`
      "job_id: one word.
      docker_image: one word, such as nginx:1.27.
      datacenters: one of the names is empty.
      count: a whole number, 0 or more.
      count: not for type system, which runs one on every node.
      cpu: whole MHz, 1 or more.
      memory: whole MB, 10 or more.
      ports: Label "" must be a word.
      ports: Label x is there twice.
      ports: To 70000 is no port.
      ports: Value 80 is there twice.
      env_vars: "A=B" is no name of a variable.
      env_vars: LIST must be text.
      Nothing was submitted."
    `);
  });

  test("where a value is what answers show in the place of secrets", async () => {
    const secret = { command: ["serve", "--token=[masked]"], env_vars: { LOG_LEVEL: "info", DB_PASSWORD: "[masked]" } };
    const told = `command: [masked] stands for a value that answers do not show: give the value itself.
env_vars: DB_PASSWORD: [masked] stands for a value that answers do not show: give the value itself.
Nothing was submitted.`;
    const asked = { job_id: "x", docker_image: "nginx", ...secret };
    expect(await refused(asked)).toBe(told);
  });

  test("where a port has a key that it cannot have", async () => {
    const text = await refused({ job_id: "x", docker_image: "nginx", ports: [{ Label: "http", to: 80 }] });
    expect(text).toMatchInlineSnapshot(`"create_job: ports.0: Unrecognized key: "to"."`);
  });

  test("for all namespaces", async () => {
    expect(await refused({ job_id: "x", docker_image: "nginx", namespace: "*" })).toContain("* is no namespace");
  });
});
