import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { drive, type Recorded, recorded } from "./support.ts";

const errors = readdirSync(new URL("../../../test/recorded/errors", import.meta.url)).map((file) =>
  file.replace(".json", ""),
);

test.each(errors)("answers as in errors/%s", async (name) => {
  const { send } = await drive({ jobs: true });
  const { request, status, headers, body } = recorded(`errors/${name}`);
  const answer = await send(request.method, request.path, request.body ?? undefined);
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
  for (const [header, value] of Object.entries(headers))
    if (header !== "X-Nomad-Index") expect(`${header}: ${answer.headers.get(header)}`).toBe(`${header}: ${value}`);
    else expect(answer.headers.get(header)).toMatch(/^\d+$/);
});

/** What a request about an allocation of the web job comes to. */
async function aboutAlloc({ request }: Recorded, job = "web") {
  const { send, clock, allocs } = await drive();
  await send("POST", "/v1/jobs", { Job: recorded(`${job}/job`).body });
  await clock.advance(20_000);
  const [alloc] = await allocs(job);
  const path = request.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, alloc.ID);
  return send(request.method, path, request.body ?? undefined);
}

test.each(["log-bad-task", "restart-bad-task", "checks", "restart", "stop"])(
  "answers as in allocation/%s",
  async (name) => {
    const theirs = recorded(`allocation/${name}`);
    const { status, body } = await aboutAlloc(theirs);
    expect(status).toBe(theirs.status);
    if (name === "stop") expect(Object.keys(body)).toEqual(Object.keys(theirs.body));
    else expect(body).toEqual(theirs.body);
  },
);

test.each(["log-stderr", "log-stdout"])("has no logs of what never started, as in start-error/%s", async (name) => {
  const theirs = recorded(`start-error/${name}`);
  const { status, body } = await aboutAlloc(theirs, "start-error");
  expect({ status, body }).toEqual({ status: theirs.status, body: theirs.body });
});

test.each([
  ["register/enforce-conflict", "web"],
  ["periodic/evaluate", "nightly"],
  ["periodic/force-not-periodic", "web"],
])("answers as in %s", async (name, job) => {
  const { send } = await drive();
  await send("POST", "/v1/jobs", { Job: recorded(`${job}/job`).body });
  const { request, status, body } = recorded(name);
  const answer = await send(request.method, request.path, request.body ?? undefined);
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
});

test.each(["hello", "hello-vars"])("parses as in parse/%s", async (name) => {
  const { send } = await drive();
  const { request, status, body } = recorded(`parse/${name}`);
  const answer = await send(request.method, request.path, request.body);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual(body);
});

test("what Nomad has and the demo has not is a 501 with a sentence, and never a success", async () => {
  const { send, submit, get } = await drive();
  const job = (more: string) =>
    `job "x" {\n  group "g" {\n    ${more}\n    task "t" {\n      driver = "mock_driver"\n    }\n  }\n}\n`;
  const answers = [
    await get("/v1/plugins"),
    await get("/v1/scaling/policies"),
    await send("POST", "/v1/job/x/stable", { JobID: "x", JobVersion: 0, JobStable: true }),
    await submit(job('count = length("xx")')),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(501);
    expect(body).toMatch(/demo cluster/);
  }
});
