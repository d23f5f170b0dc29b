// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what refers to a secret is written so
import { describe, expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";

// Nothing was noted here: these are known by their looks. They are put together here, so that no scanner of
// repositories takes them for real ones.
const { mask } = createSecrets();
const random = (length: number) => "q7Xf2LmZ9aRk4TnB8vCw3YpD6sHj5GeU1iOzKxMbNcVdWt".repeat(6).slice(0, length);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = `${base64url({ alg: "RS256", typ: "JWT" })}.${base64url({ sub: "web:api", aud: "nomad" })}.${random(80)}`;

describe("tokens and keys", () => {
  test.each([
    ["JSON Web Token", jwt],
    ["one without its signature", jwt.split(".").slice(0, 2).join(".")],
    ["encrypted one", `${jwt}.${random(20)}.${random(30)}`],
    ["AWS key id", `AKIA${"IOSFODNN7EXAMPLE"}`],
    ["AWS session key id", `ASIA${"IOSFODNN7EXAMPLE"}`],
    ["AWS session token", `IQoJb3JpZ2lu${random(120)}`],
    ["Google API key", `AIza${random(35)}`],
    ["Google access token", `ya29.${random(60)}`],
    ["Google client secret", `GOCSPX-${random(28)}`],
    ["Azure client secret", `${"aB3"}8Q~${random(34)}`],
    ["GitHub token", `ghp_${random(36)}`],
    ["GitHub app's token", `gho_${random(36)}`],
    ["GitHub fine-grained token", `github_pat_${random(22)}_${random(59)}`],
    ["GitLab token", `glpat-${random(20)}`],
    ["Slack bot token", `xoxb-1234567890-${random(24)}`],
    ["Slack user token", `xoxp-1234567890-${random(24)}`],
    ["Stripe key", `sk_live_${random(24)}`],
    ["Stripe restricted key", `rk_test_${random(24)}`],
    ["npm token", `npm_${random(36)}`],
    ["PyPI token", `pypi-AgE${random(80)}`],
    ["Docker token", `dckr_pat_${random(27)}`],
    ["Anthropic key", `sk-ant-api03-${random(60)}`],
    ["SendGrid key", `SG.${random(22)}.${random(43)}`],
    ["key of nomad-mcp", `nmcp_${random(43)}`],
    ["Vault token", `hvs.${random(90)}`],
    ["Vault batch token", `hvb.${random(130)}`],
    ["old Vault token", `s.${random(24)}`],
    ["Terraform token", `${random(14)}.atlasv1.${random(67)}`],
    ["age key", `AGE-SECRET-KEY-1${random(58).toUpperCase()}`],
  ])("%s", (_, secret) => {
    for (const [before, after] of [
      ["", ""],
      ["got ", " here"],
      ['"', '"'],
      ["=", ";"],
      ["(", ")"],
      ["| ", "\n"],
      ['\\"', '\\"'],
    ]) {
      expect(mask(`${before}${secret}${after}`)).toBe(`${before}[masked]${after}`);
    }
  });

  test("the secret half of an AWS key, next to the half that can be told", () => {
    const half = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY";
    expect(mask(`AKIA${"IOSFODNN7EXAMPLE"}\n| ${half}\n`)).toBe("[masked]\n| [masked]\n");
    const commit = "3f786850e387550fdab836ed7e6dc881de23001b";
    expect(mask(`AKIA${"IOSFODNN7EXAMPLE"} at ${commit}`)).toBe(`[masked] at ${commit}`);
  });

  test("a Slack webhook keeps its host", () => {
    expect(mask(`https://hooks.slack.com/services/T0000/B0000/${random(24)}`)).toBe(
      "https://hooks.slack.com/services/[masked]",
    );
  });
});

describe("headers", () => {
  test.each([
    ["Authorization: Bearer abc.def", "Authorization: Bearer [masked]"],
    ["authorization: basic dXNlcjpwYXNz", "authorization: basic [masked]"],
    ['{"Authorization":"Bearer abc.def"}', '{"Authorization":"Bearer [masked]"}'],
    ['{\\"Authorization\\": [\\"Bearer abc.def\\"]}', '{\\"Authorization\\": [\\"Bearer [masked]\\"]}'],
    ["map[Authorization:[Bearer abc.def] Accept:[*/*]]", "map[Authorization:[Bearer [masked]] Accept:[*/*]]"],
    ["curl -H 'Authorization: Token abcdef' http://x", "curl -H 'Authorization: Token [masked]' http://x"],
    [`sent Bearer ${random(20)} to x`, "sent Bearer [masked] to x"],
    ["Cookie: session=abc123def456; theme=dark", "Cookie: [masked]"],
  ])("%s", (text, masked) => {
    expect(mask(text)).toBe(masked);
    expect(mask(masked)).toBe(masked);
  });

  test.each(["Authorization: required", "the bearer of this", "Bearer token missing", "authorization: bearer $TOKEN"])(
    "not %s",
    (text) => {
      expect(mask(text)).toBe(text);
    },
  );
});

describe("passwords in URLs", () => {
  test.each([
    ["postgres://app:hunter2@db.internal:5432/shop", "postgres://app:[masked]@db.internal:5432/shop"],
    ["postgres://app:p@ss:w@db/shop?x=a@b", "postgres://app:[masked]@db/shop?x=a@b"],
    ["postgres://app:p/w#d@db/shop", "postgres://app:[masked]@db/shop"],
    ["redis://:hunter2@redis:6379/0", "redis://:[masked]@redis:6379/0"],
    ["mongodb://u:hunter2@a:1,b:2/x", "mongodb://u:[masked]@a:1,b:2/x"],
    ['"amqp://u:hunter2@mq/"', '"amqp://u:[masked]@mq/"'],
    ['{\\"url\\":\\"amqp://u:hunter2@mq\\"}', '{\\"url\\":\\"amqp://u:[masked]@mq\\"}'],
    ["git::https://u:hunter2@x.example/a.git", "git::https://u:[masked]@x.example/a.git"],
    [`https://${random(40)}@x.example/a`, "https://[masked]@x.example/a"],
    ['image = "bot:hunter2@registry.example/shop/api:1.2"', 'image = "bot:[masked]@registry.example/shop/api:1.2"'],
    ["app:hunter2@tcp(db:3306)/shop", "app:[masked]@tcp(db:3306)/shop"],
    ["curl -u admin:hunter2 https://x", "curl -u admin:[masked] https://x"],
    ["mysql -uroot -phunter2 shop", "mysql -uroot -p[masked] shop"],
    ["sshpass -p hunter2 ssh x", "sshpass -p [masked] ssh x"],
  ])("%s", (text, masked) => {
    expect(mask(text)).toBe(masked);
    expect(mask(masked)).toBe(masked);
  });

  test.each([
    "http://127.0.0.1:4646/v1/jobs",
    "https://user@x.example/a",
    "ssh://git@x.example:22/a",
    "http://[::1]:4646/v1/job/a@b",
    "postgres://app:${DB_PASSWORD}@db/shop",
    "postgres://app:{{ .password }}@db/shop",
    "http://x:80/a@b",
    "docker://a/b:1@sha256:c",
    "docker run -u 1000:1000 x",
    "a://b, c:d@e",
  ])("not %s", (text) => {
    expect(mask(text)).toBe(text);
  });
});

describe("private keys", () => {
  const body = Array.from({ length: 6 }, (_, index) => random(64 + index).slice(index));
  const key = (label: string) => [`-----BEGIN ${label}-----`, ...body, "Zg==", `-----END ${label}-----`].join("\n");

  test.each([
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ])("%s", (label) => {
    expect(mask(`a\n${key(label)}\nb`)).toBe("a\n[masked]\nb");
    expect(mask(`{"key":${JSON.stringify(key(label))}}`)).toBe('{"key":"[masked]"}');
    expect(mask(JSON.stringify(JSON.stringify(key(label))))).toBe('"\\"[masked]\\""');
    expect(mask(key(label).replaceAll("\n", " "))).toBe("[masked]");
    expect(mask(`data: ${Buffer.from(key(label)).toString("base64")}\n`)).toBe("data: [masked]\n");
  });

  test("behind the prefix of a quoted line, and with the header of an encrypted one", () => {
    const lines = key("RSA PRIVATE KEY").split("\n");
    lines.splice(1, 0, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0123", "");
    expect(mask(["start", ...lines, "end"].map((line) => `| ${line}`).join("\n"))).toBe("| start\n| [masked]\n| end");
  });

  test("what is left of one, whose end or beginning is missing", () => {
    const lines = key("PRIVATE KEY").split("\n");
    expect(mask(["a word", ...lines.slice(0, 4), "then a line", "more"].join("\n"))).toBe(
      "a word\n[masked]\nthen a line\nmore",
    );
    expect(mask(["a word", ...lines.slice(3), "more"].map((line) => `| ${line}`).join("\n"))).toBe(
      "| a word\n| [masked]\n| more",
    );
  });

  test("two in a row, and what is between them", () => {
    expect(mask(`${key("PRIVATE KEY")}\nbetween\n${key("EC PRIVATE KEY")}`)).toBe("[masked]\nbetween\n[masked]");
  });

  test.each(["CERTIFICATE", "PUBLIC KEY", "CERTIFICATE REQUEST"])("a %s stays", (label) => {
    expect(mask(key(label))).toBe(key(label));
    const encoded = Buffer.from(key(label)).toString("base64");
    expect(mask(encoded)).toBe(encoded);
  });
});
