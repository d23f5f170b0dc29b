// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is filled in later is written so
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { secretAt } from "../support/raw/route-at.ts";
import { numbers } from "./secrets-random.ts";

const syntaxes: { reported: string[]; everyday: string[] } = JSON.parse(
  readFileSync(new URL("templates.json", import.meta.url), "utf8"),
);
const lines = [...syntaxes.reported, ...syntaxes.everyday];

const random = numbers(20_261_128);
const alphabet = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"];
const secret = () => `k${Array.from({ length: 14 }, () => alphabet[random(62)]).join("")}7`;

/** What a template with a line would be shown as: its data, and a log line that prints the secret. */
function shown(data: string, value: string): string {
  const secrets = createSecrets();
  secrets.note(
    { secret: secretAt("/v1/job/a") },
    { TaskGroups: [{ Tasks: [{ Templates: [{ EmbeddedTmpl: data }] }] }] },
  );
  const quoted = data.split("\n").map((line) => `| ${line}`);
  return secrets.mask([...quoted, `| the log prints ${value} and goes on`].join("\n"));
}

describe(`a secret in each of ${lines.length} syntaxes`, () => {
  test("is never shown where it is random, whatever it is made of", () => {
    const kinds = [secret, () => "qzhvmwkxjrtpbnlc", () => "9f3c2d1a7b6e5048"];
    for (const line of lines) {
      for (const make of kinds) {
        const value = make();
        const data = `# the file begins\n${line.replaceAll("X", value)}\nport = 8080\n`;
        const text = shown(data, value);
        expect(text).not.toContain(value);
        expect(text).toContain("| # the file begins\n");
        expect(text).toContain("\n| port = 8080\n");
      }
    }
  });

  test("is rarely shown where it is a word, for a name says what it is in nearly all", () => {
    const left = ["hunter2", "Sommer-Haus"].map((word) => {
      const data = (line: string) => `# the file begins\n${line.replaceAll("X", word)}\nport = 8080\n`;
      return lines.filter((line) => shown(data(line), "").includes(word)).length;
    });
    process.stdout.write(`syntaxes of ${lines.length} that show a word as the secret: ${left.join(" and ")}\n`);
    expect(Math.max(...left)).toBeLessThanOrEqual(lines.length * 0.13);
  });
});

describe("of a template stays readable", () => {
  test.each([
    ['password = {{ with secret "kv/data/app" }}{{ .Data.data.password }}{{ end }}'],
    ['DB_PASSWORD={{ key "app/db/password" }}\nDB_HOST=db-1.internal'],
    ["password_file = /run/secrets/db\ntoken_ttl = 30m\npassword_min_length = 12"],
    ["ssl_certificate_key /etc/nginx/tls/server.key;\nssl_session_timeout 10m;"],
    ["listen 8080;\nserver_name shop.example.com;\nproxy_pass http://127.0.0.1:3000;"],
    ["requirepass ${REDIS_PASSWORD}\nport 6379\nappendonly yes"],
    ["auth_method = token\ntype = password\nsecret_backend = vault"],
    ["image = registry.example/shop/api:2026.11.1\ngit_sha = 9f3c2d1a7b6e50483f786850e387550fdab836ed"],
    ["# the password comes from vault, see the wiki of the team\nlog_level = info"],
    ["{{ range service `postgres` }}server {{ .Address }}:{{ .Port }} max_fails=3;{{ end }}"],
    ['task "token-refresher" {\n  driver = "docker"\n  config {\n    image = "acme/password-reset:4.5"\n  }\n}'],
    ['secret "app" {\n  provider = "nomad"\n  path = "secrets/app"\n}'],
    ['job "custom-secret" {\n  group "secret" {\n    count = 2\n  }\n}'],
    ["max_tokens = 4096\ntoken_ttl: 3600\ncookie_secure: true"],
  ])("%s", (data) => {
    expect(shown(data, "x")).toBe(shown("", "x").replace("| \n", `${data.replaceAll(/^/gm, "| ")}\n`));
  });
});

describe("through the tools", () => {
  let session: DemoSession;
  beforeAll(async () => {
    session = await demoSession();
  });
  afterAll(() => session.close());

  test.each([0, 1, 2, 3])("no answer about a job shows it (part %i of the syntaxes)", async (part) => {
    const some = syntaxes.reported.filter((_, index) => index % 4 === part);
    const held = some.map((line) => ({ line, value: secret() }));
    const templates = held.map(({ line, value }, index) => ({
      DestPath: `local/${index}.conf`,
      EmbeddedTmpl: `# ${index}\n${line.replaceAll("X", value)}\nport = 8080\n`,
    }));
    const log = held.map(({ value }) => `it prints ${value}`).join("\\n");
    const id = `templates-${part}`;
    const job = mockJob(
      id,
      {},
      {
        Tasks: [
          { Name: "t", Driver: "mock_driver", Config: { run_for: "1h", stdout_string: log }, Templates: templates },
        ],
      },
    );
    await session.register(job);
    const texts = await Promise.all(
      ["templates", "all", "source"].map((section) => session.call("get_job_spec", { job_id: id, section })),
    );
    const logs = await session.call("get_job_logs", { job_id: id });
    const resources = await Promise.all(
      [`jobs/default/${id}`, `jobs/default/${id}/evaluations`, `logs/default/${id}/api`].map(async (path) => {
        const { contents } = await session.client.readResource({ uri: `nomad://default/${path}` });
        return JSON.stringify(contents);
      }),
    );
    expect(texts[0]?.text).toContain("| port = 8080");
    const all = [...texts.map(({ text }) => text), logs.text, ...resources];
    for (const { value } of held) for (const text of all) expect(text).not.toContain(value);
  });
});
