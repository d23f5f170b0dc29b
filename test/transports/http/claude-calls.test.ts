import { describe, expect, test } from "vitest";
import { type Answer, get, type Problem, post, type RestServer, restServer } from "./support.ts";

/** Asks the cluster itself, past the server. */
const nomad = async ({ demo }: RestServer, path: string) =>
  (await get<Record<string, unknown>>(`${demo.address}/v1${path}`)).body;

async function register({ demo, clock }: RestServer, id: string): Promise<void> {
  const task = { Name: "app", Driver: "mock_driver", Config: { run_for: "1h", stdout_string: "hello\n" } };
  const group = { Name: "app", Count: 1, Tasks: [task] };
  const job = { ID: id, Name: "The shop", Type: "service", Datacenters: ["*"], TaskGroups: [group] };
  expect((await post(`${demo.address}/v1/jobs`, { Job: job })).status).toBe(200);
  await clock.advance(15_000);
}

describe("list-jobs", () => {
  test("ids, names, statuses and types, of the namespace that is asked for", async () => {
    const server = await restServer();
    await register(server, "shop/web");
    const { status, body } = await get<Answer>(`${server.url}/api/claude/list-jobs?namespace=default`);
    expect({ status, error: body.is_error }).toEqual({ status: 200, error: false });
    expect(body.data.jobs).toContainEqual(
      expect.objectContaining({ job_id: "shop/web", name: "The shop", status: "running", type: "service" }),
    );
    const elsewhere = await get<Answer>(`${server.url}/api/claude/list-jobs?namespace=nowhere`);
    expect(elsewhere.body.text).toContain("nowhere");
  });

  test("without a namespace, that of the settings", async () => {
    const { url } = await restServer({ namespace: "nowhere" });
    expect((await get<Answer>(`${url}/api/claude/list-jobs`)).body.text).toContain("nowhere");
  });

  test("goes on where a page ended", async () => {
    const { url } = await restServer();
    const first = await get<Answer>(`${url}/api/claude/list-jobs?limit=2`);
    const rest = await get<Answer>(`${url}/api/claude/list-jobs?cursor=${first.body.data.cursor}`);
    const ids = [first, rest].flatMap(({ body }) =>
      Array.from(body.data.jobs as { job_id: string }[], (job) => job.job_id),
    );
    expect(new Set(ids).size).toBe(5);
  });
});

describe("jobs", () => {
  test("status, stop, start and restart are the tools of that", async () => {
    const server = await restServer();
    const manage = async (action: string) => {
      // Programs that know the call from elsewhere send all of its members.
      const body = { job_id: "web", action, namespace: "default", purge: false };
      const reply = await post<Answer>(`${server.url}/api/claude/jobs`, body);
      expect({ action, status: reply.status }).toEqual({ action, status: 200 });
      return reply.body.text;
    };
    expect(await manage("status")).toMatch(/^web \(service, namespace default\): running/);
    expect(await manage("restart")).toMatch(/^web restarted/);
    expect(await manage("stop")).toMatch(/^web stopped/);
    expect(await nomad(server, "/job/web")).toMatchObject({ Stop: true });
    expect(await manage("start")).toMatch(/^web started/);
    expect(await nomad(server, "/job/web")).toMatchObject({ Stop: false });
  });

  test("purge goes with stop", async () => {
    const { url, demo } = await restServer();
    const { status } = await post(`${url}/api/claude/jobs`, { job_id: "cache", action: "stop", purge: true });
    expect(status).toBe(200);
    expect((await fetch(`${demo.address}/v1/job/cache`)).status).toBe(404);
    const refused = await post<Problem>(`${url}/api/claude/jobs`, { job_id: "web", action: "restart", purge: true });
    expect(refused).toMatchObject({ status: 400, body: { tool: "restart_job" } });
  });

  test.each([{ action: "kill" }, { action: "toString" }, {}])("%j is none of them", async (given) => {
    const { url } = await restServer();
    const { status, body } = await post<Problem>(`${url}/api/claude/jobs`, { job_id: "web", ...given });
    expect(status).toBe(400);
    expect(body.detail).toBe("action has to be one of status, start, stop, restart.");
  });

  test("what is destructive is carried out once a person agreed", async () => {
    const server = await restServer({ confirm: "ask" });
    const stop = { job_id: "web", action: "stop", namespace: "default", purge: false };
    const asked = await post<Problem>(`${server.url}/api/claude/jobs`, stop);
    expect(asked).toMatchObject({ status: 409, body: { preview: expect.stringContaining("Stop web") } });
    const done = await post(`${server.url}/api/claude/jobs`, { ...stop, confirm: asked.body.code });
    expect(done.status).toBe(200);
    expect(await nomad(server, "/job/web")).toMatchObject({ Stop: true });
  });

  test("what the role hides is refused, and the rest is not", async () => {
    const { url } = await restServer({ readOnly: true }, { role: "viewer" });
    expect((await post(`${url}/api/claude/jobs`, { job_id: "web", action: "status" })).status).toBe(200);
    const { status, body } = await post<Problem>(`${url}/api/claude/jobs`, { job_id: "web", action: "stop" });
    expect({ status, role: body.role }).toEqual({ status: 403, role: "viewer" });
    expect((await post(`${url}/api/claude/create-job`, { job_id: "a", docker_image: "nginx" })).status).toBe(403);
  });
});

test("create-job makes a job of the simple specification", async () => {
  const server = await restServer();
  const { status, body } = await post<Answer>(`${server.url}/api/claude/create-job`, {
    ...{ job_id: "example-job", name: "Example Job", type: "service", datacenters: ["dc1"], namespace: "default" },
    ...{ docker_image: "nginx:latest", count: 1, cpu: 100, memory: 128 },
    ports: [{ Label: "http", Value: 0, To: 80 }],
    env_vars: { ENV_VAR1: "value1", ENV_VAR2: "value2" },
  });
  expect({ status, text: body.text }).toEqual({ status: 200, text: expect.stringMatching(/^example-job created/) });
  const job = await nomad(server, "/job/example-job");
  expect(job).toMatchObject({ ID: "example-job", Name: "Example Job", Type: "service", Datacenters: ["dc1"] });
  expect(JSON.stringify(job)).toContain('"ENV_VAR1":"value1"');
});

test("create-job takes what is not given from the settings and Nomad, never from somebody's own cluster", async () => {
  const server = await restServer();
  const { status } = await post(`${server.url}/api/claude/create-job`, { job_id: "bare", docker_image: "nginx:1.27" });
  expect(status).toBe(200);
  expect(await nomad(server, "/job/bare")).toMatchObject({ Namespace: "default", Datacenters: ["*"], Type: "service" });
});

describe("job-logs", () => {
  test.each(["shop%2Fweb", "shop/web"])("of a job whose id holds a /, as %s", async (path) => {
    const server = await restServer();
    await register(server, "shop/web");
    const { status, body } = await get<Answer>(`${server.url}/api/claude/job-logs/${path}?namespace=default`);
    expect(status).toBe(200);
    expect(body.text).toContain("| hello");
    expect(body.data).toMatchObject({ job_id: "shop/web", task: "app" });
  });

  test("an id is decoded once", async () => {
    const { url } = await restServer();
    const { body } = await get<Problem>(`${url}/api/claude/job-logs/a%2525b%3Fc`);
    expect(body.detail).toContain('"a%25b?c"');
  });

  test("the path says which job, whatever the query says", async () => {
    const { url } = await restServer();
    const { body } = await get<Answer>(`${url}/api/claude/job-logs/web?job_id=checkout&lines=5`);
    expect(body.data).toMatchObject({ job_id: "web" });
  });
});
