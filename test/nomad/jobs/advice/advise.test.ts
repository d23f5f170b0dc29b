import { describe, expect, test } from "vitest";
import { advise } from "../../../../src/nomad/jobs/advice/advise.ts";
import { typedJob } from "../../../../src/nomad/jobs/file/typed-job.ts";

const resources = { CPU: 100, MemoryMB: 128 };
const task = (more: object = {}) => ({
  Name: "server",
  Driver: "docker",
  Resources: resources,
  KillTimeout: 5e9,
  ...more,
});
const image = (name: string, more: object = {}) => task({ Config: { image: name, ...more } });
const check = { Name: "up", Type: "http", Interval: 10e9, Timeout: 2e9 };
const served = { Services: [{ Name: "web", Provider: "nomad", Checks: [check] }] };

/** What is remarked of a job of one group, each without the place. */
function remarks(group: object = {}, job: object = {}): string[] {
  const api = { Name: "api", Count: 2, Update: { AutoRevert: true }, Tasks: [image("web:1.0")], ...group };
  return advise(typedJob({ ID: "web", TaskGroups: [api], ...job })).map(({ text }) => text);
}
const first = (group: object = {}, job: object = {}) => remarks(group, job)[0];

test("nothing of what is fine", () => {
  expect(remarks(served)).toEqual([]);
  expect(remarks({}, { Type: "system" })).toEqual([]);
  const once = { RestartPolicy: { Attempts: 0 }, ReschedulePolicy: { Attempts: 0 }, Update: null };
  expect(remarks(once, { Type: "batch" })).toEqual([]);
});

describe("images", () => {
  test.each(["web", "web:latest", "registry:5000/shop/web", "shop/web:latest"])("%s drifts", (name) => {
    expect(remarks({ Tasks: [image(name)] })).toEqual([expect.stringMatching(/^image \S+( has no tag|: a restart)/)]);
  });

  test.each([
    "web:1",
    "registry:5000/shop/web:v2",
    "web@sha256:abc",
    "web:latest@sha256:abc",
    `web:\${NOMAD_META_tag}`,
  ])("%s does not", (name) => {
    expect(remarks({ Tasks: [image(name)] })).toEqual([]);
  });
});

describe("what is exposed", () => {
  test("secrets by their names, references not", () => {
    const Env = { DB_PASSWORD: "hunter2", API_KEY: `\${NOMAD_SECRET}`, TOKEN_FILE: "/secrets/token", LEVEL: "info" };
    expect(remarks({ Tasks: [{ ...image("web:1"), Env }] })).toEqual([
      expect.stringMatching(/^DB_PASSWORD in plain text/),
    ]);
    const auth = { auth: [{ username: "ci", password: "hunter2" }] };
    expect(first({ Tasks: [image("web:1", auth)] })).toMatch(/^config auth\.password in plain text/);
  });

  test("the node", () => {
    expect(first({ Tasks: [image("web:1", { privileged: true })] })).toMatch(/^privileged: /);
    const socket = { volumes: ["/var/run/docker.sock:/var/run/docker.sock"] };
    expect(remarks({ Tasks: [image("web:1", socket)] })).toEqual([
      expect.stringMatching(/^it mounts the docker socket/),
    ]);
    const bound = { volumes: ["local/x:/x"], mount: [{ type: "bind", source: "/etc/ssl", target: "/ssl" }] };
    expect(remarks({ Tasks: [image("web:1", bound)] })).toEqual([
      expect.stringMatching(/^it mounts \/etc\/ssl of the node/),
    ]);
    expect(first({ Tasks: [task({ Driver: "raw_exec" })] })).toMatch(/^raw_exec without a user/);
    expect(remarks({ Tasks: [task({ Driver: "raw_exec", User: "app" })] })).toEqual([]);
  });

  test("downloads", () => {
    const exec = (source: string, options: object = {}) =>
      remarks({
        Constraints: [{ LTarget: `\${attr.cpu.arch}`, Operand: "=", RTarget: "amd64" }],
        Tasks: [task({ Driver: "exec", Artifacts: [{ GetterSource: source, GetterOptions: options }] })],
      });
    expect(exec("https://x.example/app")).toEqual([
      expect.stringMatching(/^artifact https:\/\/x\.example\/app has no/),
    ]);
    expect(exec("https://x.example/app", { checksum: "md5:abc" })).toEqual([]);
    expect(exec("git::ssh://git@x.example/app")).toEqual([]);
    const anywhere = [task({ Driver: "exec", Artifacts: [{ GetterSource: "s3::https://x/app" }] })];
    expect(first({ Tasks: anywhere })).toMatch(/no constraint names the architecture/);
  });
});

describe("health and rollouts", () => {
  test("a service without a check, ports without a service", () => {
    expect(first({ Services: [{ Name: "web" }] })).toMatch(/^no check on service web: what has run for 10s counts/);
    expect(first({ Networks: [{ DynamicPorts: [{ Label: "http" }] }] })).toMatch(/^ports \(http\) but no service/);
    expect(first({ ...served, Update: { AutoRevert: true, HealthCheck: "task_states" } })).toMatch(
      /^health_check is "task_states"/,
    );
    expect(remarks({ Services: [{ Name: "web", Connect: { Native: true } }] })).toEqual([]);
    expect(first({ Update: { AutoRevert: true, Canary: 1, AutoPromote: true } })).toMatch(
      /^auto_promote without any check/,
    );
  });

  test("how a new version replaces the old one", () => {
    expect(first({ ...served, Update: undefined })).toMatch(/^no update block, and so auto_revert is off/);
    expect(first({ ...served, Update: { MaxParallel: 1 } })).toMatch(/^auto_revert is off/);
    expect(remarks({ ...served, Update: undefined }, { Update: { AutoRevert: true } })).toEqual([]);
    expect(first({ ...served, Update: { AutoRevert: true, MaxParallel: 2 } })).toMatch(
      /^max_parallel is the count \(2\)/,
    );
    expect(first({ ...served, Update: { MaxParallel: 0 } })).toMatch(/^max_parallel is 0/);
    expect(first({ ...served, Count: 1 })).toMatch(/^count is 1 without a canary/);
    expect(remarks({ ...served, Count: 1, Update: { AutoRevert: true, Canary: 1, AutoPromote: true } })).toEqual([]);
    expect(first({ ...served, Update: { AutoRevert: true, Canary: 1 } })).toMatch(/^1 canary waits for somebody/);
    const fixed = { ...served, Networks: [{ ReservedPorts: [{ Label: "http", Value: 80 }] }] };
    expect(first(fixed)).toMatch(/^static port 80: one allocation a node, so 2 nodes/);
    const pinned = { Constraints: [{ LTarget: `\${attr.unique.hostname}`, RTarget: "box-1", Operand: "=" }] };
    expect(first({ ...fixed, ...pinned })).toMatch(/^static port 80 on one named node: of 2 allocations only one/);
    expect(remarks({ ...fixed, ...pinned, Count: 1 })).toEqual([
      expect.stringMatching(/^count is 1 on one node with static port 80: each new version, .* is an outage/),
    ]);
    expect(remarks({ ...fixed, Count: 1 }).filter((text) => text.startsWith("static"))).toEqual([]);
  });
});

describe("retries", () => {
  test("of a batch job, as Nomad has them where nothing is said", () => {
    const batch = { Type: "batch" };
    expect(first({ Update: null }, batch)).toMatch(/^no restart and no reschedule block: .* up to 8 times/);
    expect(first({ Update: null, ReschedulePolicy: { Attempts: 0 } }, batch)).toMatch(/is restarted 3 times/);
    expect(remarks({ Update: null, RestartPolicy: { Attempts: 1 } }, batch)).toEqual([]);
    expect(first({ Update: null }, { Type: "sysbatch" })).toMatch(/is restarted 3 times/);
  });

  test("of a service that is never rescheduled", () => {
    expect(first({ ReschedulePolicy: { Attempts: 0, Unlimited: false } })).toMatch(/^rescheduling is off/);
    expect(remarks({ ReschedulePolicy: { Attempts: 0 } })).toEqual([]);
    expect(first({ RestartPolicy: { Attempts: 2, Mode: "delay" } })).toMatch(/^restart mode "delay"/);
  });
});

test("resources, kill_timeout, templates, volumes", () => {
  const bare = (Resources: object | undefined) => remarks({ Tasks: [task({ Driver: "mock_driver", Resources })] });
  expect(bare(undefined)).toEqual([expect.stringMatching(/as 100 MHz of CPU and 300 MB of memory/)]);
  expect(bare({ Cores: 2, MemoryMB: 64 })).toEqual([]);
  expect(bare({ CPU: 100, MemoryMB: 64, MemoryMaxMB: 256 })).toEqual([]);
  expect(bare({ CPU: 100, MemoryMB: 64, MemoryMaxMB: 257 })).toEqual([expect.stringMatching(/^memory_max 257 MB/)]);
  expect(first({ Tasks: [{ ...image("web:1"), KillTimeout: 31e9 }] })).toMatch(/^kill_timeout 31s/);
  const template = (EmbeddedTmpl: string, more: object = {}) =>
    remarks({ Tasks: [{ ...image("web:1"), Templates: [{ DestPath: "local/a.conf", EmbeddedTmpl, ...more }] }] });
  expect(template('{{ range nomadService "db" }}{{ .Address }}{{ end }}')).toEqual([
    expect.stringMatching(/^template local\/a\.conf: each change of what it reads restarts all 2 within 5s/),
  ]);
  expect(template('{{ key "x" }}', { ChangeMode: "signal" })).toEqual([]);
  expect(template("port = {{ env \"NOMAD_PORT_http\" }} # key 'x'")).toEqual([]);
  const volume = { Volumes: { data: { Name: "data", Type: "host", Source: "pg", ReadOnly: false } } };
  expect(first({ ...volume, Count: 1 })).toMatch(/^host volume pg: only nodes that have it will do/);
  expect(first(volume)).toMatch(/write to it together \(count 2\)$/);
});

test("the job as a whole", () => {
  const periodic = (more: object) =>
    remarks(
      { Update: null, RestartPolicy: { Attempts: 0 } },
      { Type: "batch", Periodic: { Specs: ["@daily"], ...more } },
    );
  expect(periodic({})).toEqual([expect.stringMatching(/^prohibit_overlap is off/)]);
  expect(periodic({ ProhibitOverlap: true, Enabled: false })).toEqual([
    expect.stringMatching(/^periodic is not enabled/),
  ]);
  expect(periodic({ ProhibitOverlap: true, Specs: ["0 3 * * *"] })).toEqual([
    expect.stringMatching(/are UTC; write time_zone/),
  ]);
  expect(periodic({ ProhibitOverlap: true, Specs: ["0 3 * * *"], TimeZone: "Europe/Zurich" })).toEqual([]);
  expect(first({}, { Priority: 95 })).toMatch(/^priority 95/);
  expect(first({ Count: 0 })).toMatch(/^every count is 0/);
});

test("most serious first, what is the same folded", () => {
  const group = (Name: string) => ({ Name, Count: 2, Tasks: [image("web:latest"), { ...image("x"), Name: "side" }] });
  const found = advise(typedJob({ ID: "web", TaskGroups: [group("a"), group("b"), group("c")] }));
  expect(found.map(({ rank, where }) => [rank, where])).toEqual([
    [2, "a > server, b > server and c > server"],
    [2, "a > side, b > side and c > side"],
    [3, "all 3 groups"],
  ]);
});
