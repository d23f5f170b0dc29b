import { describe, expect, test } from "vitest";
import { problems } from "../../../src/transports/http/problem.ts";
import { startServer } from "../../support/program.ts";
import { type Answer, get, type Problem, post, read, restServer } from "./support.ts";

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      { readonly post?: { requestBody: { content: { "application/json": { example: Record<string, unknown> } } } } }
    >
  >;
}

const json = { "Content-Type": "application/json" };

test("a tool is called with its arguments as JSON, and answers text and facts", async () => {
  const { url } = await restServer();
  const { status, body } = await post<Answer>(`${url}/api/v1/tools/list_nomad_jobs`, { limit: 2 });
  expect(status).toBe(200);
  expect(body.is_error).toBe(false);
  expect(body.text).toContain("checkout");
  expect(body.data.jobs).toContainEqual(expect.objectContaining({ job_id: "checkout", type: "service" }));
});

test("every tool answers the example of the document, or says properly why not", async () => {
  const { url, demo, clock, session } = await restServer();
  const ids: Record<string, unknown> = { wait_seconds: 0 };
  for (const noun of ["allocation", "evaluation", "deployment"]) {
    const { body } = await get<{ ID: string; TaskStates?: object }[]>(`${demo.address}/v1/${noun}s`);
    ids[`${noun}_id`] = body[0]?.ID;
    for (const task of Object.keys(body[0]?.TaskStates ?? {})) ids.file = `alloc/logs/${task}.stdout.0`;
  }
  const { body: document } = await get<Document>(`${url}/openapi.json`);
  for (const { name, annotations, inputSchema } of session.toolbox.definitions) {
    const path = `/api/v1/tools/${name}`;
    const example = document.paths[path]?.post?.requestBody.content["application/json"].example;
    const known = Object.keys(ids).filter((id) => inputSchema.required?.includes(id) || id === "wait_seconds");
    const taken = known.filter((id) => Object.hasOwn(inputSchema.properties ?? {}, id));
    const args = { ...example, ...Object.fromEntries(taken.map((id) => [id, ids[id]])) };
    // In these it is a file of the library.
    if (args.file !== undefined && args.allocation_id === undefined) args.file = "job-files/minimal.nomad.hcl";
    const { status, type, body } = await post<Answer & Problem>(`${url}${path}`, args);
    // What was begun comes to its end.
    await clock.advance(30_000);
    if (annotations?.readOnlyHint) expect({ name, status, detail: body.detail }).toEqual({ name, status: 200 });
    if (status === 200) {
      expect({ name, type, is_error: body.is_error }).toEqual({ name, type: "application/json", is_error: false });
      expect(body.text).not.toBe("");
      continue;
    }
    const kind = body.type.split(":").at(-1) ?? "";
    expect(problems).toHaveProperty(kind, { status, title: body.title });
    // The examples are taken: what stands against them is the state of the cluster.
    expect({ name, kind }).toEqual({ name, kind: expect.stringMatching(/^(refused|rejected)$/) });
    expect({ type, tool: body.tool }).toEqual({ type: "application/problem+json", tool: name });
    expect(body.instance).toMatch(/^request-\d+$/);
    expect(body.detail).not.toBe("");
  }
});

describe("what is not answered is a problem", () => {
  test.each([
    ["an argument is missing", "{}"],
    ["an argument does not fit", '{"job_id":["web"]}'],
    ["an argument that there is not", '{"job":"web"}'],
    ["a list", "[]"],
    ["no JSON", "{"],
    ["nothing", ""],
  ])("400: %s", async (_, body) => {
    const { url } = await restServer();
    const response = await fetch(`${url}/api/v1/tools/stop_job`, { method: "POST", headers: json, body });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { status, type, body: problem } = await read<Problem>(response);
    expect({ status, type, kind: problem.type }).toEqual({
      ...{ status: 400, type: "application/problem+json", kind: "urn:problem-type:nomad-mcp:arguments" },
    });
  });

  test("403 and 404: a tool that the role hides, and one that there is not", async () => {
    const { url } = await restServer({ readOnly: true }, { role: "viewer" });
    const hidden = await post<Problem>(`${url}/api/v1/tools/stop_job`, { job_id: "web" });
    expect(hidden).toMatchObject({ status: 403, body: { tool: "stop_job", role: "viewer", instance: "request-1" } });
    const unknown = await post<Problem>(`${url}/api/v1/tools/stop_jobs`, { job_id: "web" });
    expect(unknown).toMatchObject({ status: 404, body: { type: "urn:problem-type:nomad-mcp:unknown" } });
    expect(unknown.body.role).toBeUndefined();
  });

  test("404 and 405: a path that there is not, and a method that a path does not take", async () => {
    const { url } = await restServer();
    expect(await get(`${url}/api/v2/tools`)).toMatchObject({ status: 404, type: "application/problem+json" });
    for (const path of ["/api/v1/tools/stop_job", "/api/claude/jobs"]) {
      const response = await fetch(`${url}${path}`);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
    expect((await post(`${url}/api/claude/list-jobs`, {})).status).toBe(405);
  });

  test("409: a person has to consent, and the same call with the code is carried out, once", async () => {
    const { url, demo } = await restServer({ confirm: "ask" });
    const path = `${url}/api/v1/tools/stop_job`;
    const args = { job_id: "web", wait_seconds: 0 };
    const asked = await post<Problem>(path, args);
    expect(asked).toMatchObject({
      status: 409,
      body: { type: "urn:problem-type:nomad-mcp:consent", tool: "stop_job" },
    });
    expect(asked.body.preview).toMatch(/^Stop web\n/);
    expect(demo.requests.filter(({ method }) => method === "DELETE")).toEqual([]);
    const wrong = await post<Problem>(path, { ...args, confirm: "aaaaaa" });
    expect(wrong).toMatchObject({ status: 409, body: { preview: asked.body.preview } });
    expect(wrong.body.code).not.toBe(asked.body.code);
    const done = await post<Answer>(path, { ...args, confirm: asked.body.code });
    expect(done).toMatchObject({ status: 200, body: { is_error: false } });
    expect(demo.requests.filter(({ method }) => method === "DELETE")).toHaveLength(1);
    expect((await post(path, { ...args, confirm: asked.body.code })).status).not.toBe(200);
  });

  test("413: a body that is too large, whether its length is said or not, and the connection ends", async () => {
    const { url } = await restServer();
    const large = JSON.stringify({ job_file: "x".repeat(3_000_000) });
    for (const body of [large, new Blob([large]).stream()]) {
      const request = { method: "POST", headers: json, body, duplex: "half" as const };
      const response = await fetch(`${url}/api/v1/tools/submit_job_file`, request);
      expect([response.status, response.headers.get("connection")]).toEqual([413, "close"]);
    }
  });

  test("a body that begins with a byte order mark is read like any other", async () => {
    const { url } = await restServer();
    const request = { method: "POST", headers: json, body: '\ufeff{"job_id":"web"}' };
    expect((await fetch(`${url}/api/v1/tools/get_job_status`, request)).status).toBe(200);
  });

  test("a body that comes in chunks is read like any other", async () => {
    const { url } = await restServer();
    const body = new Blob([JSON.stringify({ job_id: "web" })]).stream();
    const request = { method: "POST", headers: json, body, duplex: "half" as const };
    expect((await fetch(`${url}/api/v1/tools/get_job_status`, request)).status).toBe(200);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", undefined])(
    "415: a body of type %s, which any page of the web could send",
    async (type) => {
      const { url } = await restServer();
      const headers = type === undefined ? {} : { "Content-Type": type };
      const body = Buffer.from("{}");
      const response = await fetch(`${url}/api/v1/tools/find_problems`, { method: "POST", headers, body });
      expect(response.status).toBe(415);
    },
  );

  test("422: what is not there, and what Nomad does not take", async () => {
    const { url } = await restServer();
    const missing = await post<Problem>(`${url}/api/v1/tools/stop_job`, { job_id: "wbe" });
    expect(missing).toMatchObject({ status: 422, body: { type: "urn:problem-type:nomad-mcp:refused" } });
    expect(missing.body.detail).toContain("web");
    const file = await post<Problem>(`${url}/api/v1/tools/submit_job_file`, { job_file: 'job "a" { type = 3 ' });
    expect(file.status).toBe(422);
  });

  test("502: Nomad cannot be reached", async () => {
    const { url } = await restServer({}, { address: "http://127.0.0.1:9" });
    const reply = await post<Problem>(`${url}/api/v1/tools/list_nomad_jobs`, {});
    expect(reply).toMatchObject({ status: 502, body: { type: "urn:problem-type:nomad-mcp:failed" } });
  });

  test("504: Nomad does not answer before the call's time is over", async () => {
    const silent = await startServer(() => {});
    const { url } = await restServer({}, { address: silent.address, signal: AbortSignal.timeout(300) });
    const reply = await post<Problem>(`${url}/api/v1/tools/list_nomad_jobs`, {});
    await silent.stop();
    expect(reply).toMatchObject({ status: 504, body: { type: "urn:problem-type:nomad-mcp:timeout" } });
  });
});
