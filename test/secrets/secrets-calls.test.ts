import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createOwnSecrets } from "../../src/secrets/own-secrets.ts";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { secretAt } from "../support/raw/route-at.ts";
import { numbers } from "./secrets-random.ts";

const random = numbers(20_261_129);
const secret = () => `k${Array.from({ length: 15 }, () => random(36).toString(36)).join("")}7Q`;
const job = (Env: Record<string, string>, more: object = {}) => ({
  ...{ ID: "web", Name: "web", TaskGroups: [{ Name: "api", Tasks: [{ Name: "server", Env }] }] },
  ...more,
});

describe("calls that run at the same time", () => {
  let session: DemoSession;
  beforeEach(async () => {
    session = await demoSession();
  });
  afterEach(() => session.close());

  test("48 beside a job of 5,400 secrets show none of their own", { timeout: 60_000 }, async () => {
    const env = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`SETTING_${at}`, secret()]));
    const withEnv = (id: string, Env: object) =>
      mockJob(id, {}, { Tasks: [{ Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, Env }] });
    const values: string[] = [];
    for (let at = 0; at < 48; at++) {
      const own = env(3);
      values.push(...Object.values(own));
      await session.nomad("POST", "/v1/jobs", { Job: withEnv(`one-${at}`, own) });
    }
    await session.nomad("POST", "/v1/jobs", { Job: withEnv("huge", env(5_400)) });
    const ids = ["huge", ...Array.from({ length: 48 }, (_, at) => `one-${at}`)];
    const answers = await Promise.all(ids.map((job_id) => session.call("get_job_spec", { job_id, section: "env" })));
    const shown = answers.map(({ text }) => text).join("\n");
    expect(values.filter((value) => shown.includes(value))).toEqual([]);
    expect(shown.match(/SETTING_2 = "\[masked\]"/g)?.length).toBeGreaterThanOrEqual(48);
  });
});

test("what a running call has seen is not forgotten, however much others see meanwhile", () => {
  const secrets = createSecrets();
  const call = secrets.forCall();
  const value = secret();
  call.note({ secret: secretAt("/v1/job/web") }, job({ SETTING: value }));
  for (let at = 0; at < 6_000; at++)
    secrets.forCall().note({ secret: secretAt("/v1/job/a") }, job({ SETTING: secret() }));
  expect(call.mask(`it prints ${value}`)).toBe("it prints [masked]");
  expect(secrets.forCall().mask(`it prints ${value}`)).toBe(`it prints ${value}`);
});

test("a later call masks what an earlier one has seen", () => {
  const secrets = createSecrets();
  const value = secret();
  secrets.forCall().note({ secret: secretAt("/v1/job/web") }, job({ SETTING: value }));
  expect(secrets.forCall().mask(`it prints ${value}`)).toBe("it prints [masked]");
});

test("a large text that is noted in turns is known once it is done, and taken for known no sooner", async () => {
  const call = createSecrets().forCall();
  const values = Array.from({ length: 5_000 }, secret);
  const reply = {
    TaskGroups: [
      {
        Name: "g",
        Tasks: [{ Name: "t", Templates: [{ EmbeddedTmpl: values.map((value) => `PASS=${value}`).join("\n") }] }],
      },
    ],
  };
  const cancelled = new AbortController();
  const cut = call.noteInTurns({}, reply, cancelled.signal);
  cancelled.abort();
  await expect(cut).rejects.toThrow("aborted");
  await call.noteInTurns({}, reply, new AbortController().signal);
  expect(values.filter((value) => call.mask(`it prints ${value}`) !== "it prints [masked]")).toEqual([]);
});

test("what one caller has seen confirms nothing to another; the server's own secrets are masked for all", () => {
  const own = createOwnSecrets();
  const [one, other] = [createSecrets(own), createSecrets(own)];
  const value = secret();
  one.forCall().note({ secret: secretAt("/v1/job/web") }, job({ SETTING: value }));
  one.always("production-token");
  expect(other.forCall().mask(`${value} and production-token`)).toBe(`${value} and [masked]`);
});

test("the server's own token in any case and without its dashes", () => {
  const token = "2ac63bf7-07e2-5329-cfd0-143645dfbe47";
  const secrets = createSecrets();
  secrets.always(token);
  const bare = token.replaceAll("-", "");
  for (const form of [token, bare]) {
    for (const written of [form, form.toUpperCase(), `${form.slice(0, 9).toUpperCase()}${form.slice(9)}`]) {
      expect(secrets.forCall().mask(`x${written}x, "${written}"`)).toBe('x[masked]x, "[masked]"');
    }
    expect(secrets.mask(Buffer.from(form).toString("base64"))).toBe("[masked]");
  }
});

describe("a value that Nomad uses as an id or a name, too", () => {
  const value = "payments-api-v2";
  const both = "JOB payments-api-v2 is up\nA_PASSWORD = payments-api-v2";
  const told = "JOB payments-api-v2 is up\nA_PASSWORD = [masked]";

  test.each<[string, unknown]>([
    ["of the job itself", job({ A_PASSWORD: value }, { ID: value })],
    ["of a job in a list", [job({ A_PASSWORD: value }), { ID: value, Name: value }]],
    [
      "of a group",
      job({ A_PASSWORD: value }, { TaskGroups: [{ Name: value, Tasks: [{ Name: "s", Env: { A_PASSWORD: value } }] }] }),
    ],
    ["of an allocation's task", { Job: job({ A_PASSWORD: value }), TaskStates: { [value]: {} } }],
    ["of a node", { Job: job({ A_PASSWORD: value }), NodeName: value }],
    ["of a namespace", { Job: job({ A_PASSWORD: value }), Namespace: value }],
  ])("%s is masked beside its secret name only", (_, reply) => {
    const call = createSecrets().forCall();
    call.note({ secret: secretAt("/v1/job/web") }, reply);
    expect(call.mask(both)).toBe(told);
  });

  test("also where another call has told the name, before or after", () => {
    const secrets = createSecrets();
    secrets.forCall().note({ secret: secretAt("/v1/jobs") }, [{ ID: value }]);
    const call = secrets.forCall();
    call.note({ secret: secretAt("/v1/job/web") }, job({ A_PASSWORD: value }));
    expect(call.mask(both)).toBe(told);
    const other = createSecrets();
    other.forCall().note({ secret: secretAt("/v1/job/web") }, job({ A_PASSWORD: value }));
    const later = other.forCall();
    later.note({ secret: secretAt("/v1/jobs") }, [{ ID: value }]);
    expect(later.mask(both)).toBe(told);
  });

  test("but the server's own token stays masked, whatever is called so", () => {
    const secrets = createSecrets();
    secrets.always("production-token");
    secrets.note({ secret: secretAt("/v1/jobs") }, [{ ID: "production-token" }]);
    expect(secrets.mask("job production-token")).toBe("job [masked]");
  });

  test("and a value in an environment names nothing", () => {
    const call = createSecrets().forCall();
    call.note(
      { secret: secretAt("/v1/job/web") },
      job({ A_PASSWORD: "payments-Api-v2x", NAME: "payments-Api-v2x", ID: "payments-Api-v2x" }),
    );
    expect(call.mask("it prints payments-Api-v2x")).toBe("it prints [masked]");
  });
});
