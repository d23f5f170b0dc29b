import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function spec(args: Record<string, unknown>) {
  const { text, isError } = await session.call("get_job_spec", args);
  return { text: steady(text), isError };
}

const task = (Name: string, more: object) => ({
  Name,
  Driver: "mock_driver",
  Config: { run_for: "1h" },
  Resources: { CPU: 20, MemoryMB: 16 },
  ...more,
});

/** A job that has something of everything, secrets in each place where they can stand. */
const shop = mockJob(
  "shop",
  {},
  {
    Count: 2,
    Networks: [{ DynamicPorts: [{ Label: "http", To: 8080 }], ReservedPorts: [{ Label: "metrics", Value: 29090 }] }],
    Services: [
      {
        Name: "shop-api",
        PortLabel: "http",
        Provider: "nomad",
        Tags: ["v1"],
        Checks: [{ Type: "http", Path: "/health", Interval: 10e9, Timeout: 2e9 }],
      },
    ],
    RestartPolicy: { Attempts: 3, Delay: 10e9 },
    ReschedulePolicy: { Attempts: 0, Unlimited: false },
    Update: { MaxParallel: 2, MinHealthyTime: 1e9 },
    Affinities: [{ LTarget: `\${node.class}`, RTarget: "big", Operand: "=" }],
    Tasks: [
      task("migrate", { Lifecycle: { Hook: "prestart" }, Config: { run_for: "1s" } }),
      task("server", {
        Config: { run_for: "1h", stdout_string: "up" },
        KillTimeout: 90e9,
        Env: { LOG_LEVEL: "info", DB_PASSWORD: "Correct-Horse-9", DB_URL: "postgres://app:S3cr3t-pw@db.internal/app" },
        Templates: [
          {
            DestPath: "local/app.conf",
            EmbeddedTmpl: 'listen = 8080\npassword = "Tr0ub4dor&3-x"\n',
            ChangeMode: "signal",
            ChangeSignal: "SIGHUP",
          },
        ],
        Artifacts: [{ GetterSource: "https://example.com/a.tgz" }],
        Meta: { api_token: "abcd-1234-token-99" },
      }),
    ],
  },
  {
    Priority: 60,
    Meta: { team: "shop" },
    Constraints: [{ LTarget: `\${attr.kernel.name}`, RTarget: "linux", Operand: "=" }],
  },
);
const secrets = ["Correct-Horse-9", "S3cr3t-pw", "Tr0ub4dor&3-x", "abcd-1234-token-99", "flag-value-77"];

describe("a job with something of everything", () => {
  beforeEach(() => session.register(shop));

  test("the overview says what it runs", async () => {
    expect((await spec({ job_id: "shop" })).text).toMatchInlineSnapshot(`
      "shop: version 0 (service, namespace default), submitted <age>
      priority = 60
      group api, count 2; ports metrics 29090 and http -> 8080
        task migrate (prestart): mock_driver, 20 MHz, 16 MB
        task server: mock_driver, 20 MHz, 16 MB
        service shop-api: port http, in Nomad, checked by http /health
      More in section=: config, env, templates, services, constraints, update"
    `);
  });

  test("all of it, without what is Nomad's default, and without its secrets", async () => {
    const { text } = await spec({ job_id: "shop", section: "all" });
    expect(text).toMatchInlineSnapshot(`
      "shop: version 0 (service, namespace default), submitted <age>
      priority = 60
      constraint: \${attr.kernel.name} = linux
      meta: team = "shop"
      group api, count 2:
        constraint: \${attr.nomad.service_discovery} = true
        constraint: \${attr.nomad.version} semver >= 1.4.0
        affinity: \${node.class} = big (weight 50)
        restart: interval = 30m, attempts = 3, delay = 10s, mode = "fail"
        reschedule: attempts = 0
        update: max_parallel = 2, min_healthy_time = 1s
        network:
          port "metrics": static = 29090
          port "http": to = 8080
        service "shop-api":
          tags = ["v1"]
          port = "http"
          check: type = "http", path = "/health", interval = 10s, timeout = 2s
          provider = "nomad"
        task migrate:
          driver = "mock_driver"
          lifecycle: hook = "prestart"
          config: run_for = "1s"
          resources: cpu = 20, memory = 16
        task server:
          driver = "mock_driver"
          config: run_for = "1h", stdout_string = "up"
          env: DB_PASSWORD = "[masked]", DB_URL = "postgres://app:[masked]@db.internal/app", LOG_LEVEL = "info"
          resources: cpu = 20, memory = 16
          meta: api_token = "[masked]"
          kill_timeout = 1m30s
          artifact: source = "https://example.com/a.tgz"
          template:
            destination = "local/app.conf"
            data:
            | listen = 8080
            | password = "[masked]"
            change_mode = "signal"
            change_signal = "SIGHUP""
    `);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  test.each(["networking", "resources", "config", "env", "templates", "services", "constraints", "update"])(
    "the section %s holds a part of that",
    async (section) => {
      const { text: whole } = await spec({ job_id: "shop", section: "all" });
      const lines = (await spec({ job_id: "shop", section })).text.split("\n").slice(1);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(whole).toContain(line);
    },
  );

  test("a section in which nothing stands", async () => {
    expect((await spec({ job_id: "shop", section: "volumes" })).text).toMatchInlineSnapshot(`
      "shop: version 0 (service, namespace default), submitted <age>
      volumes: nothing but Nomad's defaults"
    `);
  });

  test("one task", async () => {
    expect((await spec({ job_id: "shop", task: "migrate" })).text).toMatchInlineSnapshot(`
      "shop: version 0 (service, namespace default), submitted <age>
      group api, count 2:
        task migrate:
          driver = "mock_driver"
          lifecycle: hook = "prestart"
          config: run_for = "1s"
          resources: cpu = 20, memory = 16"
    `);
  });

  test("an older version", async () => {
    await session.register(mockJob("shop"));
    expect((await spec({ job_id: "shop", version: 0, section: "resources" })).text).toMatchInlineSnapshot(`
      "shop: version 0 (service, namespace default), submitted <age>; version 1 is the current one
      group api, count 2:
        task migrate:
          resources: cpu = 20, memory = 16
        task server:
          resources: cpu = 20, memory = 16"
    `);
    const { text, isError } = await spec({ job_id: "shop", version: 7 });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"There is no version "7" of shop: Nomad keeps 1 and 0."`);
  });

  test("a group or task that is not there", async () => {
    expect((await spec({ job_id: "shop", group: "web" })).text).toMatchInlineSnapshot(
      `"shop has no group web: it has api."`,
    );
    expect((await spec({ job_id: "shop", task: "sever" })).text).toMatchInlineSnapshot(
      `"shop has no task sever: api has migrate and server."`,
    );
  });
});

describe("the source", () => {
  test("as it was submitted, with its variables, without their secrets", async () => {
    const source = 'variable "image" {}\nvariable "db_password" {}\n\njob "hello" {\n  group "web" {}\n}\n';
    await session.nomad("POST", "/v1/jobs", {
      Job: mockJob("hello"),
      Submission: {
        Source: source,
        Format: "hcl2",
        Variables: 'image = "nginx:1.27"\ndb_password = "Correct-Horse-9"\n',
        VariableFlags: { api_key: "flag-value-77" },
      },
    });
    const { text } = await spec({ job_id: "hello", section: "source" });
    expect(text).toMatchInlineSnapshot(`
      "hello: version 0 as submitted (HCL, 6 lines, namespace default); counts that were scaled since are not in it
      | variable "image" {}
      | variable "db_password" {}
      |
      | job "hello" {
      |   group "web" {}
      | }
      variables:
      | image = "nginx:1.27"
      | db_password = "[masked]"
      variables given as flags:
        api_key = "[masked]"
      [masked] stands for a value that answers do not show: a text that has it is refused where it is submitted or saved"
    `);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  test("JSON in one line, laid out, bounded and without its secrets", async () => {
    await session.register(shop);
    const { text } = await spec({ job_id: "shop", section: "source" });
    expect(text.split("\n").slice(0, 5).join("\n")).toMatchInlineSnapshot(`
      "shop: version 0 as submitted (JSON, 130 lines, namespace default); counts that were scaled since are not in it
      | {
      |  "Job": {
      |   "ID": "shop",
      |   "Name": "shop","
    `);
    for (const secret of secrets) expect(text).not.toContain(secret);
    const Env = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`SETTING_${at}`, "x".repeat(20)]));
    await session.register(mockJob("large", {}, { Tasks: [task("server", { Env })] }));
    const { text: large } = await spec({ job_id: "large", section: "source" });
    expect(large.length).toBeLessThan(10_500);
    expect(large.split("\n").at(-1)).toMatchInlineSnapshot(
      `"(225 of 931 lines; nomad job inspect -version 0 large prints all)"`,
    );
  });

  test("made of the job where none is stored, with a variable for each secret", async () => {
    await session.nomad("POST", "/v1/jobs", { Job: shop });
    const { text, isError } = await spec({ job_id: "shop", section: "source" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "shop: no source of version 0 is stored (submitted by a plain API call, or larger than 1 MB); as HCL made of the job itself (140 lines, namespace default)
      | variable "db_password" {
      |   type = string
      | }
      |
      | variable "db_url" {
      |   type = string
      | }
      |
      | variable "api_token" {
      |   type = string
      | }
      |
      | variable "password" {
      |   type = string
      | }
      |
      | job "shop" {
      |   namespace = "default"
      |   type      = "service"
      |   priority  = 60
      |
      |   constraint {
      |     attribute = "\${attr.kernel.name}"
      |     value     = "linux"
      |   }
      |
      |   meta {
      |     team = "shop"
      |   }
      |
      |   group "api" {
      |     count = 2
      |
      |     affinity {
      |       attribute = "\${node.class}"
      |       value     = "big"
      |     }
      |
      |     restart {
      |       interval = "30m"
      |       attempts = 3
      |       delay    = "10s"
      |       mode     = "fail"
      |     }
      |
      |     reschedule {
      |       attempts       = 0
      |       interval       = "0s"
      |       delay          = "30s"
      |       delay_function = "exponential"
      |       max_delay      = "1h"
      |       unlimited      = false
      |     }
      |
      |     update {
      |       max_parallel     = 2
      |       min_healthy_time = "1s"
      |     }
      |
      |     network {
      |       port "metrics" {
      |         static = 29090
      |       }
      |
      |       port "http" {
      |         to = 8080
      |       }
      |     }
      |
      |     service {
      |       name     = "shop-api"
      |       tags     = ["v1"]
      |       port     = "http"
      |       provider = "nomad"
      |
      |       check {
      |         type     = "http"
      |         path     = "/health"
      |         interval = "10s"
      |         timeout  = "2s"
      |       }
      |     }
      |
      |     task "migrate" {
      |       driver = "mock_driver"
      |
      |       lifecycle {
      |         hook = "prestart"
      |       }
      |
      |       config {
      |         run_for = "1s"
      |       }
      |
      |       resources {
      |         cpu    = 20
      |         memory = 16
      |       }
      |     }
      |
      |     task "server" {
      |       driver       = "mock_driver"
      |       kill_timeout = "1m30s"
      |
      |       config {
      |         run_for       = "1h"
      |         stdout_string = "up"
      |       }
      |
      |       env {
      |         DB_PASSWORD = var.db_password
      |         DB_URL      = "postgres://app:\${var.db_url}@db.internal/app"
      |         LOG_LEVEL   = "info"
      |       }
      |
      |       resources {
      |         cpu    = 20
      |         memory = 16
      |       }
      |
      |       meta {
      |         api_token = var.api_token
      |       }
      |
      |       artifact {
      |         source = "https://example.com/a.tgz"
      |       }
      |
      |       template {
      |         destination = "local/app.conf"
      |         data = <<EOT
      | listen = 8080
      | password = "\${var.password}"
      | EOT
      |         change_mode   = "signal"
      |         change_signal = "SIGHUP"
      |       }
      |     }
      |   }
      | }
      Secrets are variables in it: db_password, db_url, api_token and password; variables= gives their values"
    `);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

test("a job that is far too large for an answer is cut at a line, with what to ask for instead", async () => {
  const Tasks = Array.from({ length: 8 }, (_, index) =>
    task(`t${index}`, {
      Env: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`SETTING_${at}`, "x".repeat(60)])),
    }),
  );
  await session.register(mockJob("huge", {}, { Tasks }));
  const { text } = await spec({ job_id: "huge", section: "env" });
  expect(text.length).toBeLessThan(10_500);
  expect(text.split("\n").at(-1)).toMatchInlineSnapshot(`"(130 of 337 lines; name a group, a task or a section)"`);
});

test("a stopped job, and one that is found elsewhere", async () => {
  expect((await spec({ job_id: "cache" })).text).toMatchInlineSnapshot(`
    "cache: version 1 (service, namespace default), stopped, submitted <age>
    datacenters = ["dc1"]
    group cache, count 1; port redis 6379
      task redis: docker "redis:8.2", 100 MHz, 256 MB
    More in section=: config, constraints"
  `);
  expect((await spec({ job_id: "billing" })).text).toMatchInlineSnapshot(`
    "(billing is in namespace prod, not in default)
    billing: version 0 (service, namespace prod), submitted <age>
    datacenters = ["dc1"]
    group billing, count 2
      task billing: docker "shop/billing:3.0", 250 MHz, 256 MB
    More in section=: config, constraints"
  `);
});

test("an unknown job", async () => {
  const { text, isError } = await spec({ job_id: "shp" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"There is no job "shp" in namespace default. If there was one, Nomad has deleted it since it ended (after job_gc_threshold, usually 4h, or by a collection of garbage). list_nomad_jobs shows what there is."`,
  );
});
