// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what refers to a secret is written so
import { describe, expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { processorTime } from "../support/processor-time.ts";
import { secretAt } from "../support/raw/route-at.ts";
import { numbers } from "./secrets-random.ts";

type Random = (below: number) => number;

const pick = <T>(random: Random, items: readonly [T, ...T[]]): T => items[random(items.length)] ?? items[0];

const small = "abcdefghijklmnopqrstuvwxyz";
const signs = "!@#$%^&*()[]{}<>\"'`\\/|;:,.?~-_+= äß日🙂";

/** A value as generators and people make them: 12 to 90 characters of several kinds. */
function value(random: Random): string {
  const alphabet = [
    ...pick(random, [
      `${small}0123456789`,
      `${small}${small.toUpperCase()}0123456789`,
      `${small}${small.toUpperCase()}0123456789${signs}`,
    ]),
  ];
  const text = Array.from({ length: 12 + random(78) }, () => alphabet[random(alphabet.length)]);
  // At least two kinds, whatever the dice say, and no space at an end.
  return `a${text.slice(0, 6).join("")}Q7${text.slice(6).join("")}x`;
}

const places: readonly [Place, ...Place[]] = [
  (secret) => ["/v1/job/a", { TaskGroups: [{ Tasks: [{ Env: { DB_PASSWORD: secret } }] }] }],
  (secret) => ["/v1/job/a", { Meta: { api_token: secret }, TaskGroups: [] }],
  (secret) => ["/v1/var/a", { Items: { whatever: secret } }],
  (secret) => ["/v1/acl/token", { SecretID: secret }],
  (secret) => [
    "/v1/job/a/submission",
    { Source: `env {\n  DB_PASSWORD = ${JSON.stringify(secret)}\n}\n`, Format: "hcl2" },
    JSON.stringify(secret).slice(1, -1),
  ],
  (secret) => ["/v1/job/a/plan", { Fields: [{ Name: "Env[DB_PASSWORD]", Old: secret, New: "other" }] }],
  (secret) => ["/v1/job/a", { Config: { args: ["--password", secret] } }],
];
type Place = (secret: string) => [string, unknown, string?];

const forms: readonly [Form, ...Form[]] = [
  (secret) => secret,
  (secret) => JSON.stringify(secret).slice(1, -1),
  (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  (secret) => encodeURIComponent(secret),
  (secret) => Buffer.from(secret).toString("base64"),
  (secret) => Buffer.from(secret).toString("base64url"),
];
type Form = (secret: string) => string;

const surroundings: readonly [Surrounding, ...Surrounding[]] = [
  (text) => ["", text, ""],
  (text) => ["the log says ", text, " and goes on"],
  (text) => ["| ", text, "\n| next line"],
  (text) => ['{"a":"', text, '","b":1}'],
  (text) => ["x", text, "y"],
  (text) => ["日本", text, "🙂"],
];
type Surrounding = (text: string) => [string, string, string];

describe("a value that was seen in a secret place", () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "never leaves, in any form and surroundings (seed %i)",
    (seed) => {
      const random = numbers(seed);
      const seen = Array.from({ length: 30 }, () => ({ secret: value(random), place: pick(random, places) }));
      const secrets = createSecrets();
      const known = seen.map(({ secret, place }) => {
        const [what, reply, noted] = place(secret);
        secrets.note({ secret: secretAt(what) }, reply);
        return noted ?? secret;
      });
      for (const secret of known) {
        const [before, text, after] = pick(random, surroundings)(pick(random, forms)(secret));
        const masked = secrets.mask(before + text + after);
        expect(masked).toContain("[masked]");
        for (const form of forms) expect(masked).not.toContain(form(secret));
        // What is beside it stays, but for a letter that base64 could have shared with it.
        expect(masked.startsWith(before)).toBe(true);
        expect(masked.endsWith(after)).toBe(true);
        expect(secrets.mask(masked)).toBe(masked);
      }
    },
  );
});

describe("any text", () => {
  const readable = (text: string) => text.replaceAll("[masked]", "");

  const pieces = [
    "password",
    "token",
    "secret",
    "DB_PASSWORD",
    "API_KEY",
    "Authorization",
    "Bearer ",
    "Cookie",
    "=",
    ": ",
    " = ",
    "=>",
    "->",
    '"',
    "'",
    "`",
    "\\",
    '\\"',
    "\n",
    "| ",
    " ",
    ",",
    ";",
    "&",
    "?",
    "[",
    "]",
    "{",
    "}",
    "{{",
    "}}",
    "${",
    "}",
    "$(",
    ")",
    "<",
    ">",
    "</",
    "--",
    "-",
    "://",
    "@",
    "user:pw@",
    "hunter2",
    "postgres",
    "[masked]",
    "…",
    "...",
    "<<EOF",
    "EOF",
    "|\n",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
    "eyJhbGciOiJIUzI1NiJ9",
    ".",
    "AKIAIOSFODNN7EXAMPLE",
    "variable ",
    "default",
    "null",
    "日",
    "\ud83d",
    "\u0000",
    "\r",
    "\t",
  ] as const;

  test.each(Array.from({ length: 60 }, (_, seed) => seed))("loses by masking and gains nothing (seed %i)", (seed) => {
    const random = numbers(seed);
    const secrets = createSecrets();
    secrets.note(
      { secret: secretAt("/v1/var/a") },
      { Items: { password: "hunter2", user: "postgres", other: "Some-0ther-value" } },
    );
    for (let round = 0; round < 60; round++) {
      const text = Array.from({ length: random(40) }, () => pick(random, pieces)).join("");
      secrets.note({ secret: secretAt("/v1/jobs") }, text);
      const masked = secrets.mask(text);
      // What stands beside a mark can be read as a value then: the second time may take more, never give back.
      expect(readable(masked).length).toBeLessThanOrEqual(text.length);
      expect(readable(secrets.mask(masked)).length).toBeLessThanOrEqual(readable(masked).length);
    }
  });
});

describe("texts that are made to take long", () => {
  const units = [
    "a",
    "\\",
    '"',
    "=",
    ":",
    "{{",
    "${",
    "$(",
    "://",
    "a://b:",
    "://a:b@",
    "eyJ",
    "eyJaaaaaaaa.",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----\n",
    "password",
    "password=",
    'password="',
    'password: \\"',
    "password=,",
    "password=)]}",
    "password -> ",
    'password is "',
    "sig=",
    "token: ",
    "secret: |\n",
    "secret = <<A\n a\n",
    'variable "password" {',
    "api key ",
    "--password ",
    '"--token","',
    "AKIAAAAAAAAAAAAAAAAA ",
    "curl -u ",
    "mysql -p",
    "authorization: ",
    "authorization: digest ",
    "bearer ",
    "cookie: a=",
    "SG.aaaaaaaaaaaaaaaaaaaa.",
    "LS0tLS1CRUdJTi",
    "<password>",
    '"a_token", "new": "x"',
    "\\n",
  ];

  test.each(units)("40,000 characters of %j", (unit) => {
    const secrets = createSecrets();
    const text = unit.repeat(40_000 / unit.length);
    const started = processorTime();
    secrets.note({ secret: secretAt("/v1/jobs") }, text);
    secrets.mask(text);
    // Quadratic work takes minutes here, this takes a tenth of a second; the rest is for a machine that is busy.
    expect(processorTime() - started).toBeLessThan(5_000);
  });

  const configured = [
    ...["a ", "a=", '"', "{{", '{{ "aaaaaaaa" }}', "${", "password x ", "password: x\n", "token: |\n", "- a\n", "<a>"],
    ...[
      "aGVsbG8=",
      "aZ9/+",
      "a:5432:a:a:",
      "user a >",
      "{PLAIN}",
      "name: token\n",
      "\\n",
      "密",
      'secret "x" {',
      "a@b:",
    ],
  ];

  test.each(configured)(
    "100,000 characters of %j in a template",
    (unit) => {
      const secrets = createSecrets();
      const text = unit.repeat(100_000 / unit.length);
      const started = processorTime();
      secrets.note(
        { secret: secretAt("/v1/job/a") },
        { TaskGroups: [{ Tasks: [{ Templates: [{ EmbeddedTmpl: text }] }] }] },
      );
      secrets.mask(text);
      // A tenth to half of a second for up to 50,000 words; quadratic work takes minutes.
      expect(processorTime() - started).toBeLessThan(2_000);
    },
    60_000,
  );

  const dense: Record<string, (index: number) => string> = {
    "one name": () => "password: ",
    "names of their own": (index) => `DB_PASSWORD_${index}=`,
    "no name": () => "",
  };

  test.each(Object.entries(dense))(
    "many secrets with %s take a time that grows with their number, not with its square",
    (_, name) => {
      const took = (count: number) => {
        const lines = Array.from({ length: count }, (_, index) => {
          return `${name(index)}${Buffer.from(`${(index * 2_654_435_761) % 4_294_967_296}xy${index}`).toString("base64")}\n`;
        });
        const text = lines.join("");
        const started = processorTime();
        const call = createSecrets().forCall();
        call.note({}, { TaskGroups: [{ Tasks: [{ Templates: [{ EmbeddedTmpl: text }] }] }] });
        call.mask(text);
        return processorTime() - started;
      };
      const least = (count: number) => Math.min(took(count), took(count), took(count));
      // Work that grows with the square takes 64 times as long for 8 times as many.
      least(500);
      expect(least(4_000) / least(500)).toBeLessThan(32);
    },
  );

  test("50,000 lines that look like the beginning of a key", () => {
    const line = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKB\n";
    const started = processorTime();
    expect(createSecrets().mask(line.repeat(25_000))).toBe("[masked]\n".repeat(25_000));
    expect(processorTime() - started).toBeLessThan(10_000);
  });

  test("thousands of values that begin alike, in a text of their beginnings", () => {
    const secrets = createSecrets();
    const beginning = "abcdE1".repeat(150);
    for (let length = 24; length < 900; length++) {
      secrets.note(
        { secret: secretAt("/v1/var/a") },
        {
          Items: { password: `${beginning.slice(0, length)}!`, token: beginning.slice(0, length) },
        },
      );
    }
    const started = processorTime();
    expect(secrets.mask(beginning.repeat(40))).toBe("[masked]");
    expect(processorTime() - started).toBeLessThan(5_000);
  });
});
