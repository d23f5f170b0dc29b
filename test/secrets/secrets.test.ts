// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what refers to a secret is written so
import { describe, expect, test } from "vitest";
import { createSecrets, type Secrets } from "../../src/secrets/secrets.ts";
import { secretAt } from "../support/raw/route-at.ts";
import { recorded } from "../support/recorded.ts";

/** Secrets that have seen one reply. */
function having(what: string, reply: unknown): Secrets {
  const secrets = createSecrets();
  secrets.note({ secret: secretAt(what) }, reply);
  return secrets;
}

/** A job of one task, as every reply has it that holds a job. */
function job(task: object, rest: object = {}) {
  return { ID: "web", Name: "web", TaskGroups: [{ Name: "api", Tasks: [{ Name: "server", ...task }] }], ...rest };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("secret places of what Nomad really answered", () => {
  test.each([
    ["web/job.json", "hunter2-super-secret"],
    ["web/versions.json", "hunter2-super-secret"],
    ["web/allocation.json", "hunter2-super-secret"],
    ["plan/destructive.json", "hunter2-super-secret"],
    ["variable/get.json", "s3cr3t-value"],
    // The body of the 409, which is the variable as text.
    ["variable/cas-conflict.json", "s3cr3t-value"],
    ["acl/self.json", "2ac63bf7-07e2-5329-cfd0-143645dfbe47"],
  ])("%s", (file, secret) => {
    const { request, body } = recorded(file);
    expect(JSON.stringify(body)).toContain(secret.slice(0, 8));
    const secrets = having(request.path, body);
    expect(secrets.mask(`the log says ${secret}!`)).toBe("the log says [masked]!");
  });

  test("what is sent is noted as well", () => {
    const { request } = recorded("plan/destructive.json");
    const secrets = having(request.path, request.body);
    expect(secrets.mask("DB_PASSWORD other-secret-value, team shop")).toBe("DB_PASSWORD [masked], team shop");
  });

  test("a whole reply keeps its form, its names and everything else", () => {
    const { request, body } = recorded<{ Diff: unknown }>("plan/destructive.json");
    const masked = having(request.path, body).mask(JSON.stringify(body.Diff));
    expect(JSON.parse(masked)).toMatchObject({
      TaskGroups: [
        {
          Fields: [{ Name: "Count", New: "4", Old: "3" }],
          Tasks: [
            {
              Fields: [
                { Name: "Env[DB_PASSWORD]", New: "[masked]", Old: "[masked]" },
                { Name: "Env[LOG_LEVEL]", New: "debug", Old: "info" },
              ],
            },
          ],
        },
      ],
    });
  });

  test("the items of a variable are masked next to their names, however plain they are", () => {
    const { request, body } = recorded("variable/get.json");
    const secrets = having(request.path, body);
    expect(secrets.mask("host = db\npassword = s3cr3t-value\ndb is a word")).toBe(
      "host = [masked]\npassword = [masked]\ndb is a word",
    );
  });
});

describe("secret places, each with a value that is found elsewhere afterwards", () => {
  const secret = "aX9-made-up-secret";
  test.each<[string, string, unknown]>([
    ["an environment variable", "/v1/job/web", job({ Env: { API_TOKEN: secret } })],
    ["one of a job in an allocation", "/v1/allocation/x", { ID: "x", Job: job({ Env: { API_TOKEN: secret } }) }],
    [
      "one of a job in an event",
      "/v1/event/stream",
      { Events: [{ Payload: { Job: job({ Env: { TOKEN: secret } }) } }] },
    ],
    ["meta of a job", "/v1/job/web", job({}, { Meta: { "deploy-token": secret } })],
    ["a password in a DSN", "/v1/job/web", job({ Env: { DSN: `postgres://app:${secret}@db/app` } })],
    [
      "an option in an environment variable",
      "/v1/job/web",
      job({ Env: { JAVA_OPTS: `-Xmx1g -Ddb.password=${secret}` } }),
    ],
    ["JSON in an environment variable", "/v1/job/web", job({ Env: { CONFIG: `{"db":{"password":"${secret}"}}` } })],
    ["the registry's password", "/v1/job/web", job({ Config: { auth: [{ username: "u", password: secret }] } })],
    ["an argument", "/v1/job/web", job({ Config: { args: ["--db-password", secret] } })],
    ["an argument with its value", "/v1/job/web", job({ Config: { args: [`--db-password=${secret}`] } })],
    ["a shell's argument", "/v1/job/web", job({ Config: { args: ["-c", `DB_PASSWORD=${secret} exec app`] } })],
    ["a template", "/v1/job/web", job({ Templates: [{ EmbeddedTmpl: `user = "app"\npassword = "${secret}"\n` }] })],
    [
      "a heredoc in a template",
      "/v1/job/web",
      job({ Templates: [{ EmbeddedTmpl: `secret: |\n  ${secret}\nuser: app` }] }),
    ],
    ["a header of an artifact", "/v1/job/web", job({ Artifacts: [{ GetterHeaders: { "X-Thing": secret } }] })],
    ["a bearer in it", "/v1/job/web", job({ Artifacts: [{ GetterHeaders: { "X-Thing": `Bearer ${secret}` } }] })],
    [
      "a basic one",
      "/v1/job/web",
      job({ Artifacts: [{ GetterHeaders: { "X-Thing": `Basic ${base64(`u:${secret}`)}` } }] }),
    ],
    ["an option of an artifact", "/v1/job/web", job({ Artifacts: [{ GetterOptions: { sshkey: secret } }] })],
    [
      "an artifact's source",
      "/v1/job/web",
      job({ Artifacts: [{ GetterSource: `https://x.example/a.zip?token=${secret}` }] }),
    ],
    [
      "an artifact's user",
      "/v1/job/web",
      job({ Artifacts: [{ GetterSource: `git::https://u:${secret}@x.example/a` }] }),
    ],
    ["a check's header", "/v1/job/web", job({ Services: [{ Checks: [{ Header: { "X-Api-Key": [secret] } }] }] })],
    ["a check's body", "/v1/job/web", job({ Services: [{ Checks: [{ Body: `{"api_key": "${secret}"}` }] }] })],
    ["an action's arguments", "/v1/job/web", job({ Actions: [{ Command: "psql", Args: ["--password", secret] }] })],
    [
      "the environment of a secret block",
      "/v1/job/web",
      job({ Secrets: [{ Name: "s", Env: { VAULT_TOKEN: secret } }] }),
    ],
    ["a dispatch's payload", "/v1/job/web", job({}, { Payload: base64(`line one\n${secret}\n`) })],
    ["one that is sent", "/v1/job/web/dispatch", { Payload: base64(secret), Meta: { team: "shop" } }],
    ["an item of a variable", "/v1/var/a/b", { Path: "a/b", Items: { anything: secret } }],
    ["the secrets of a volume", "/v1/volume/csi/x", { Volumes: [{ ID: "x", Secrets: { userKey: secret } }] }],
    ["an ACL token", "/v1/acl/token", { AccessorID: "y", SecretID: secret }],
    ["a bootstrap secret", "/v1/acl/bootstrap", { BootstrapSecret: secret }],
    ["a one-time token", "/v1/acl/token/onetime", { OneTimeToken: { OneTimeSecretID: secret } }],
    ["an OIDC client", "/v1/acl/auth-method/x", { Config: { OIDCClientSecret: secret } }],
    ["a workload's identity", "/v1/allocation/x", { SignedIdentities: { server: secret } }],
    ["a gossip key", "/v1/agent/keyring/list", { Keys: { [secret]: 1 } }],
    ["a job file", "/v1/job/web/submission", { Source: `env {\n  DB_PASSWORD = "${secret}"\n}`, Format: "hcl2" }],
    [
      "a variable's default in it",
      "/v1/job/web/submission",
      { Source: `variable "db_password" {\n  default = "${secret}"\n}` },
    ],
    ["variables of a job file", "/v1/job/web/submission", { Variables: `db_password = "${secret}"\nimage = "x"` }],
    ["flags of a job file", "/v1/job/web/submission", { VariableFlags: { db_password: secret } }],
    ["a job file that is parsed", "/v1/jobs/parse", { JobHCL: `job "x" { meta { api_key = "${secret}" } }` }],
    ["a plan", "/v1/job/x/plan", { Diff: { Fields: [{ Name: "Meta[api_token]", Old: secret, New: "" }] } }],
    ["a plan's arguments", "/v1/job/x/plan", planOfArguments("--password", secret)],
    ["a plan's header", "/v1/job/x/plan", { Fields: [{ Name: "GetterHeaders[X-Thing]", Old: "", New: secret }] }],
    ["a plan's template", "/v1/job/x/plan", { Fields: [{ Name: "EmbeddedTmpl", Old: "", New: `password=${secret}` }] }],
    ["an error's text", "/v1/jobs", `invalid source "https://u:${secret}@x.example/a"`],
    ["an error's JSON", "/v1/var/a", `{"Items":{"anything":"${secret}"}}`],
  ])("%s", (_, what, reply) => {
    expect(having(what, reply).mask(`before ${secret} after`)).toBe("before [masked] after");
  });

  test.each<[string, string, unknown, string]>([
    ["other environment variables", "/v1/job/web", job({ Env: { LOG_LEVEL: "Info-Level-7-xx" } }), "Info-Level-7-xx"],
    [
      "the user of a DSN",
      "/v1/job/web",
      job({ Env: { DSN: "pg://App-User-77x:pw@db-7.example/app" } }),
      "App-User-77x at db-7.example",
    ],
    [
      "an accessor",
      "/v1/acl/token/self",
      { AccessorID: "ffbb49b1-1491-6874-39af-ee76f153f656" },
      "ffbb49b1-1491-6874-39af-ee76f153f656",
    ],
    [
      "the token that a job was submitted with",
      "/v1/job/web",
      job({}, { NomadTokenID: "ffbb49b1-1491-6874-39af-ee76f153f656" }),
      "ffbb49b1-1491-6874-39af-ee76f153f656",
    ],
    [
      "the place of a file",
      "/v1/job/web",
      job({ Env: { TOKEN_FILE: "/secrets/Token-77-file", PASSWORD: "/secrets/Token-77-file" } }),
      "/secrets/Token-77-file",
    ],
    [
      "a reference",
      "/v1/job/web",
      job({ Env: { DB_PASSWORD: "${NOMAD_META_password_77X}" } }),
      "${NOMAD_META_password_77X}",
    ],
    ["a lifetime", "/v1/job/web", job({ Env: { TOKEN_TTL: "3600000000000ns" } }), "3600000000000ns"],
    [
      "a checksum",
      "/v1/job/web",
      job({ Artifacts: [{ GetterOptions: { checksum: "md5:A1b2c3d4e5f6a7b8" } }] }),
      "md5:A1b2c3d4e5f6a7b8",
    ],
    [
      "plain items of a variable",
      "/v1/var/a",
      {
        Items: {
          host: "db-primary-01.example.com",
          image: "nginx:1.27.3-alpine",
          node_id: "95afa302-7ea7-8b0e-1b47-469255bb0e8c",
        },
      },
      "db-primary-01.example.com runs nginx:1.27.3-alpine on 95afa302-7ea7-8b0e-1b47-469255bb0e8c",
    ],
    [
      "a page's token",
      "/v1/jobs",
      { NextToken: "35.d76708f3-0aa9-c458-443e-b9771fd122d1" },
      "cursor=35.d76708f3-0aa9-c458-443e-b9771fd122d1",
    ],
  ])("%s stays readable", (_, what, reply, text) => {
    expect(having(what, reply).mask(text)).toBe(text);
  });
});

function planOfArguments(option: string, value: string) {
  const field = (index: number, New: string) => ({ Name: `args[${index}]`, Old: "", New, Type: "Added" });
  return { Diff: { TaskGroups: [{ Tasks: [{ Objects: [{ Fields: [field(0, option), field(1, value)] }] }] }] } };
}

describe("values that are too plain or too short to be masked by themselves", () => {
  const secrets = having(
    "/v1/job/web",
    job({ Env: { DB_PASSWORD: "postgres", ENV_TOKEN: "production", PIN_CODE: "x" } }),
  );

  test("stay where they are words", () => {
    const text = "job postgres in production runs postgres:16, database postgres is up";
    expect(secrets.mask(text)).toBe(text);
  });

  test.each([
    ["DB_PASSWORD = postgres", "DB_PASSWORD = [masked]"],
    ["DB_PASSWORD=postgres", "DB_PASSWORD=[masked]"],
    ['"DB_PASSWORD": "postgres"', '"DB_PASSWORD": "[masked]"'],
    ["DB_PASSWORD: postgres", "DB_PASSWORD: [masked]"],
    ["DB_PASSWORD  postgres", "DB_PASSWORD  [masked]"],
    ["ENV_TOKEN | production |", "ENV_TOKEN | [masked] |"],
    ['Env[DB_PASSWORD]: "postgres" => "other"', 'Env[DB_PASSWORD]: "[masked]" => "[masked]"'],
  ])("%s", (text, masked) => {
    expect(secrets.mask(text)).toBe(masked);
  });

  test("a value of several words is masked as a whole behind its name", () => {
    const words = having("/v1/job/web", job({ Env: { DB_PASSWORD: "correct horse battery staple" } }));
    expect(words.mask("DB_PASSWORD=correct horse battery staple starting")).toBe("DB_PASSWORD=[masked] starting");
  });
});

describe("forms in which a value is written", () => {
  const secret = 'p"a\\s&<s>/w+ö rd:9';
  const secrets = having("/v1/job/web", job({ Env: { DB_PASSWORD: secret } }));
  const json = JSON.stringify(secret).slice(1, -1);
  const goJson = json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
  test.each([
    ["as it is", secret],
    ["inside a JSON string", json],
    ["as Go writes that", goJson],
    ["inside a JSON string in a JSON string", JSON.stringify(json).slice(1, -1)],
    ["in a URL", encodeURIComponent(secret)],
    ["in a URL, in small letters", encodeURIComponent(secret).toLowerCase()],
    ["in a form", encodeURIComponent(secret).replaceAll("%20", "+")],
    ["in base64", base64(secret)],
    ["in base64 without its end", base64(secret).replace(/=+$/, "")],
    ["in base64 for URLs", Buffer.from(secret).toString("base64url")],
  ])("%s", (_, form) => {
    expect(secrets.mask(`got ${form} here`)).toBe("got [masked] here");
  });

  test.each(["", "u", "us", "user"])("in the base64 of something longer, behind %j", (before) => {
    for (const encoding of ["base64", "base64url"] as const) {
      const masked = secrets.mask(Buffer.from(`${before}:${secret}:and more`).toString(encoding));
      // At most a byte of the secret is left on either side: it shares its characters with what is beside it.
      expect(masked).toContain("[masked]");
      for (const part of masked.split("[masked]")) {
        expect(Buffer.from(part, encoding).toString("latin1")).not.toMatch(/p"a|:9/);
      }
    }
  });

  test("cut short by an answer", () => {
    expect(secrets.mask(`line: ${secret.slice(0, 14)}…`)).toBe("line: [masked]…");
    expect(secrets.mask(`line: ${secret.slice(0, 14)}...`)).toBe("line: [masked]...");
  });

  test("of several lines, each behind a prefix", () => {
    const text = "first-Line-7-of-it\nsecond-Line-8-of-it";
    const two = having("/v1/job/web", job({ Env: { APP_SECRET: text } }));
    expect(two.mask("| first-Line-7-of-it\n| second-Line-8-of-it\n| end")).toBe("| [masked]\n| [masked]\n| end");
  });

  test("a long one, also in part", () => {
    const long = Array.from({ length: 400 }, (_, index) => `part${index}X`).join("/");
    const noted = having("/v1/job/web", job({ Env: { APP_SECRET: long } }));
    expect(noted.mask(`a ${long} b`)).toBe("a [masked] b");
    expect(noted.mask(`a ${long.slice(0, 1_024)} b`)).toBe("a [masked] b");
  });
});

describe("several values", () => {
  test("the longest one where one contains another", () => {
    const [inner, outer] = ["inner-Secret-1", "outer-inner-Secret-1-outer"];
    const secrets = having("/v1/job/web", job({ Env: { A_TOKEN: inner, B_TOKEN: outer } }));
    expect(secrets.mask(`${outer} ${inner} x${inner}x`)).toBe("[masked] [masked] x[masked]x");
  });

  test("that overlap leave nothing between them", () => {
    const secrets = having("/v1/job/web", job({ Env: { A_TOKEN: "begin-Same-1-tail", B_TOKEN: "1-tail-Same-end-2" } }));
    expect(secrets.mask("x begin-Same-1-tail-Same-end-2 y")).toBe("x [masked] y");
  });

  test("that begin alike", () => {
    const names = Array.from({ length: 300 }, (_, index) => [`K${index}_TOKEN`, `same-Beginning-${index}`] as const);
    const secrets = having("/v1/job/web", job({ Env: Object.fromEntries(names) }));
    const text = names.map(([, value]) => value).join(" ");
    expect(secrets.mask(text)).toBe(names.map(() => "[masked]").join(" "));
    expect(secrets.mask("same-Beginning-x")).toBe("same-Beginning-x");
  });
});

describe("what is always secret", () => {
  test("whatever it looks like, also when thousands of others were seen since", () => {
    const secrets = createSecrets();
    secrets.always("production-token");
    secrets.always("abc");
    secrets.always(undefined);
    secrets.always("");
    for (let index = 0; index < 6_000; index++)
      secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: `other-Secret-${index}` } });
    expect(secrets.mask("xproduction-tokenx, abc, abcd")).toBe("x[masked]x, [masked], abcd");
    expect(secrets.mask(base64("production-token"))).toBe("[masked]");
  });
});

test("of the server's own Authorization header the credentials, together and apart", () => {
  const secrets = createSecrets();
  secrets.always(`Basic ${base64("operator:hunter2")}`);
  expect(secrets.mask(`Basic ${base64("operator:hunter2")}, operator, hunter2`)).toBe("[masked], operator, [masked]");
  expect(secrets.mask(`sent ${base64("operator:hunter2")}`)).toBe("sent [masked]");
});

describe("bounds", () => {
  const value = (index: number) => `other-Secret-${index}-`;

  test("the oldest values go first; one that is seen again is young", () => {
    const secrets = createSecrets();
    for (let index = 0; index < 5_000; index++)
      secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: value(index) } });
    secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: value(0) } });
    secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: value(5_000) } });
    expect(secrets.mask(`${value(0)} ${value(1)} ${value(2)} ${value(5_000)}`)).toBe(
      `[masked] ${value(1)} [masked] [masked]`,
    );
  });

  test("a forgotten value is still masked by its name", () => {
    const secrets = createSecrets();
    for (let index = 0; index < 5_100; index++)
      secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: value(index) } });
    expect(secrets.mask(`password=${value(0)}`)).toBe("password=[masked]");
  });

  test("large values push others out, not the process", () => {
    const secrets = createSecrets();
    const large = (index: number) => `${index}-${"Ab1".repeat(300)}`;
    for (let index = 0; index < 2_000; index++)
      secrets.note({ secret: secretAt("/v1/var/a") }, { Items: { password: large(index) } });
    expect(secrets.mask(large(0))).toContain("Ab1");
    expect(secrets.mask(large(1_999))).toBe("[masked]");
  });
});

describe("replies of any shape", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["nothing", undefined],
    ["a number", 7],
    [
      "nulls where maps are expected",
      { Env: null, Items: null, Secrets: null, Fields: [null], Keys: null, Payload: 7 },
    ],
    ["lists where maps are expected", { Env: [1, ["a"]], Items: [null], GetterHeaders: ["x"], TaskGroups: 7 }],
    [
      "names that objects have",
      JSON.parse('{"__proto__":{"password":"x"},"constructor":{"password":"y"},"toString":"z"}'),
    ],
    ["a text that is no JSON", "{not json"],
    ["a lone half of a character", { Env: { A_PASSWORD: "\ud800-half-of-a-Char-7" } }],
  ])("%s", (_, reply) => {
    const secrets = having("/v1/agent/keyring/list", reply);
    expect(secrets.mask("nothing to hide")).toBe("nothing to hide");
  });

  test("nested a hundred thousand deep", () => {
    let reply: object = { password: "deep-Secret-value-1" };
    for (let depth = 0; depth < 100_000; depth++) reply = depth % 2 ? [reply] : { a: reply };
    expect(having("/v1/job/x", reply).mask("deep-Secret-value-1")).toBe("[masked]");
  });
});

describe("a text that is the value of a field", () => {
  const secrets = createSecrets();
  test.each([
    ["DB_PASSWORD", "postgres", "[masked]"],
    ["token", "anything", "[masked]"],
    ["SIGNING_KEY", "x8f3kq0z7h2m", "[masked]"],
    ["DB_PASSWORD", "${var.db}", "${var.db}"],
    ["PASSWORD_FILE", "/run/secrets/db", "/run/secrets/db"],
    ["LOG_LEVEL", "info", "info"],
    ["args", "--password hunter2 --verbose", "--password [masked] --verbose"],
    ["", "postgres", "postgres"],
  ])("%s: %s", (name, text, masked) => {
    expect(secrets.mask(text, name)).toBe(masked);
  });
});
