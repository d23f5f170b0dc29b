import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AuditedCall, type AuditOptions, createAudit } from "../../src/mcp/audit.ts";
import { openAuditFile } from "../../src/mcp/audit-file.ts";
import { Refused } from "../../src/mcp/refused.ts";

let folder: string;
let file: string;
const told: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nomad-mcp-audit-"));
  file = join(folder, "audit.log");
  told.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const showing = {
  mask: (text: string, name: string) => (/password/i.test(name) ? "[masked]" : text.replaceAll("s3cr3t", "[masked]")),
  digests: ["job_file", "variables"],
};

const open = ({ path = file, ...more }: Partial<AuditOptions> & { path?: string } = {}) => {
  const log = (line: string) => void told.push(line);
  return createAudit(openAuditFile(path, "AUDIT_LOG", log), { showing, log, ...more });
};

const call = (args: unknown, more: Partial<AuditedCall> = {}): AuditedCall => ({
  ...{ tool: "stop_job", cluster: "http://127.0.0.1:4646", namespace: "default", args },
  host: { name: "claude-ai", version: "1.2" },
  ...more,
});

const lines = (from = file): Record<string, unknown>[] =>
  readFileSync(from, "utf8")
    .split(/(?<=\n)/)
    .map((line) => JSON.parse(line));

/** The sentence with which something is refused. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refused) return error.message.replaceAll(folder, "<folder>");
    throw error;
  }
  throw new Error("it was not refused");
}

const fixed = (line: Record<string, unknown> | undefined) => ({
  ...line,
  time: typeof line?.time === "string" && /^20\d\d-.*Z$/.test(line.time) ? "<time>" : line?.time,
  id: typeof line?.id === "string" && line.id.length === 36 ? "<id>" : line?.id,
  ...(line && "duration_ms" in line && { duration_ms: Number.isInteger(line.duration_ms) ? "<ms>" : "?" }),
});

describe("a call", () => {
  test("is in the file before it is carried out, and again with its outcome", () => {
    const entry = open().begin(call({ job_id: "web", purge: true }));
    expect(lines().map(fixed)).toMatchInlineSnapshot(`
      [
        {
          "arguments": {
            "job_id": "web",
            "purge": true,
          },
          "cluster": "http://127.0.0.1:4646",
          "host": {
            "name": "claude-ai",
            "version": "1.2",
          },
          "id": "<id>",
          "namespace": "default",
          "phase": "intent",
          "time": "<time>",
          "tool": "stop_job",
        },
      ]
    `);
    entry.note({ namespace: "prod" });
    entry.note({ namespace: "prod", evaluation: "2d9c0c18-fc7e-4801-2c02-b02b9d0102c8" });
    entry.end("ok", "web stopped");
    expect(fixed(lines()[1])).toMatchInlineSnapshot(`
      {
        "arguments": {
          "job_id": "web",
          "purge": true,
        },
        "cluster": "http://127.0.0.1:4646",
        "duration_ms": "<ms>",
        "evaluations": [
          "2d9c0c18-fc7e-4801-2c02-b02b9d0102c8",
        ],
        "host": {
          "name": "claude-ai",
          "version": "1.2",
        },
        "id": "<id>",
        "namespace": "prod",
        "outcome": "ok",
        "phase": "outcome",
        "time": "<time>",
        "tool": "stop_job",
      }
    `);
    expect(lines()[1]?.id).toBe(lines()[0]?.id);
  });

  test("that is refused or fails: with the first line of the reason", () => {
    const audit = open();
    audit.begin(call({})).end("refused", "There is no job web.\nNext: nothing");
    audit.begin(call({})).end("error", `${"x".repeat(1_000)}\ny`);
    expect(lines().map(({ outcome, reason }) => [outcome, reason])).toEqual([
      [undefined, undefined],
      ["refused", "There is no job web."],
      [undefined, undefined],
      ["error", "x".repeat(300)],
    ]);
  });

  test("that noted no evaluation has none, whatever its answer names", () => {
    open()
      .begin(call({}))
      .end("ok", "web: evaluation 2d9c0c18-fc7e-4801-2c02-b02b9d0102c8 of somebody else is pending");
    expect(lines()[1]?.evaluations).toEqual([]);
  });

  test("that noted very many evaluations: the first of them, each no longer than an id can be", () => {
    const entry = open().begin(call({}));
    for (let number = 1_000; number < 3_000; number++)
      entry.note({ namespace: "default", evaluation: `${number}-${"x".repeat(1_000)}` });
    entry.end("ok", "node-1 takes new allocations again");
    expect(lines()[1]?.evaluations).toHaveLength(1_000);
    expect(lines()[1]).toMatchObject({ evaluations: { 0: `1000-${"x".repeat(123)}` } });
  });

  test("by a host that says too much of itself: what is needed, and no more", () => {
    const host = { name: "x".repeat(100_000), version: "1", title: "X" };
    open().begin(call({}, { host, namespace: "y".repeat(100_000) }));
    expect(lines()[0]).toMatchObject({ host: { name: "x".repeat(128), version: "1" }, namespace: "y".repeat(128) });
  });

  test("has one outcome: the first", () => {
    const entry = open().begin(call({}));
    entry.end("refused", "Not done yet");
    entry.end("ok", "done");
    expect(lines().map(({ outcome }) => outcome)).toEqual([undefined, "refused"]);
  });

  test("200 at once, from two processes' worth of logs: every line is whole", async () => {
    const audits = [open(), open()];
    await Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        const entry = audits[number % 2]?.begin(call({ job_id: `job-${number}` }));
        await new Promise((resolve) => setImmediate(resolve));
        entry?.end("ok", "");
      }),
    );
    const ids = (phase: string) => new Set(lines().flatMap((line) => (line.phase === phase ? [line.id] : [])));
    expect(lines().length).toBe(400);
    expect(ids("intent").size).toBe(200);
    expect(ids("outcome")).toEqual(ids("intent"));
  });
});

describe("arguments", () => {
  const kept = (args: unknown) => {
    open().begin(call(args));
    return lines().at(-1)?.arguments;
  };

  test("are masked, by text and by the name of their field", () => {
    const args = {
      job_id: "s3cr3t-web",
      env_vars: { DB_PASSWORD: "hunter2", LEVEL: "info" },
      args: ["--s3cr3t"],
      n: 3,
    };
    expect(kept(args)).toEqual({
      job_id: "[masked]-web",
      env_vars: { DB_PASSWORD: "[masked]", LEVEL: "info" },
      args: ["--[masked]"],
      n: 3,
    });
  });

  test("in a list behind an option: by its name", () => {
    expect(kept({ args: ["--db-password", "hunter2", "-v", "--port", "80"] })).toEqual({
      args: ["--db-password", "[masked]", "-v", "--port", "80"],
    });
  });

  test("and the namespace, which is one of them", () => {
    open()
      .begin(call({}, { namespace: "s3cr3t" }))
      .note({ namespace: "s3cr3t" });
    expect(lines()[0]?.namespace).toBe("[masked]");
  });

  test("that are files: their size and digest", () => {
    expect(kept({ job_file: "s3cr3t ü", variables: "" })).toEqual({
      job_file: { bytes: 9, sha256: "fa4fa0e94e661b361af0a6a1a15fbaddc8c589c809b2ecd02916519c34251fd5" },
      variables: { bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    });
  });

  test.each<[string, unknown]>([
    ["a megabyte", { job_id: "x".repeat(1_000_000) }],
    ["a megabyte as a name", { ["x".repeat(1_000_000)]: 1 }],
    ["100,000 elements", { ports: Array.from({ length: 100_000 }, () => "x".repeat(900)) }],
    ["100,000 names", Object.fromEntries(Array.from({ length: 100_000 }, (_, number) => [`name-${number}`, 1]))],
    ["deep", JSON.parse(`${'{"a":['.repeat(2_000)}1${"]}".repeat(2_000)}`)],
    ["none", undefined],
    ["a list", ["web"]],
    ["a text", "web"],
    ["line breaks", { job_id: "a\nb\u2028c" }],
    ["a name of its own kind", JSON.parse('{"__proto__":{"polluted":1}}')],
  ])("%s: one line of a bounded length", (_, args) => {
    open().begin(call(args));
    expect(lines().length).toBe(1);
    expect(readFileSync(file).length).toBeLessThan(20_000);
  });

  test("that cannot be masked are withheld", () => {
    const mask = () => {
      throw new Error("broken");
    };
    open({ showing: { ...showing, mask } }).begin(call({ job_id: "s3cr3t" }));
    expect(lines()[0]?.arguments).toBe("[withheld: they could not be masked]");
  });
});

describe("the file", () => {
  test("is made for its owner alone", () => {
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("that is there is continued, its rights as they are", () => {
    writeFileSync(file, '{"old":true}\n');
    chmodSync(file, 0o640);
    open().begin(call({}));
    expect(lines().length).toBe(2);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test.each([
    [
      "is in no folder",
      () => join(folder, "none", "audit.log"),
      "AUDIT_LOG: <folder>/none/audit.log cannot be written (ENOENT). Name a file in a directory that this user may write to, or unset it.",
    ],
    [
      "is a folder",
      () => folder,
      "AUDIT_LOG: <folder> cannot be written (it is no ordinary file). Name a file in a directory that this user may write to, or unset it.",
    ],
    [
      "is no full path",
      () => "audit.log",
      'AUDIT_LOG: "audit.log" is no full path, and hosts start this server anywhere: name one such as /var/log/nomad-mcp.log.',
    ],
  ])("that %s stops the start", (_, name, sentence) => {
    expect(refusal(() => open({ path: name() }))).toBe(sentence);
  });

  test.skipIf(process.platform === "win32").each([0o620, 0o602, 0o666])(
    "to which others may write (%o) stops the start, and refuses the call where it comes to that later",
    (mode) => {
      const audit = open();
      audit.begin(call({}));
      chmodSync(file, mode);
      expect(refusal(open)).toBe(
        "AUDIT_LOG: <folder>/audit.log proves nothing: others may write to it (chmod go-w takes that from them).",
      );
      expect(refusal(() => audit.begin(call({})))).toContain(
        "Nothing was sent to Nomad: the audit log cannot be written",
      );
      expect(lines().length).toBe(1);
    },
  );

  test("that is a link, or has another name, is told of", () => {
    writeFileSync(join(folder, "elsewhere.log"), "", { mode: 0o600 });
    symlinkSync(join(folder, "elsewhere.log"), file);
    open().begin(call({}));
    rmSync(file);
    linkSync(join(folder, "elsewhere.log"), file);
    open();
    expect(told.map((line) => line.replaceAll(folder, "<folder>"))).toEqual([
      "the audit log <folder>/audit.log is a link to <folder>/elsewhere.log",
      "the audit log <folder>/audit.log has 2 names (hard links)",
    ]);
  });

  test("whose last record was cut off is continued on a line of its own", () => {
    const audit = open();
    audit.begin(call({}));
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, `${whole}${whole.slice(0, 40)}`);
    audit.begin(call({ job_id: "after" })).end("ok", "");
    const [first = "", torn = "", ...rest] = readFileSync(file, "utf8").split("\n");
    expect([first, torn]).toEqual([whole.trim(), whole.slice(0, 40)]);
    expect(rest.slice(0, 2).map((line) => JSON.parse(line).phase)).toEqual(["intent", "outcome"]);
    expect(rest.slice(2)).toEqual([""]);
  });

  test.skipIf(process.platform === "win32")("that is a pipe stops the start, and does not hang it", () => {
    execFileSync("mkfifo", [file]);
    expect(refusal(open)).toContain("it is no ordinary file");
  });

  test("that is rotated away is made anew", () => {
    const audit = open();
    const entry = audit.begin(call({ job_id: "before" }));
    renameSync(file, `${file}.1`);
    entry.end("ok", "");
    audit.begin(call({ job_id: "after" }));
    expect(lines(`${file}.1`).map(({ phase }) => phase)).toEqual(["intent"]);
    expect(lines().map(({ phase }) => phase)).toEqual(["outcome", "intent"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("that was put back by another is continued, and so is one that was emptied", () => {
    const audit = open();
    audit.begin(call({}));
    rmSync(file);
    writeFileSync(file, '{"theirs":true}\n');
    audit.begin(call({}));
    expect(lines().map((line) => Object.keys(line)[0])).toEqual(["theirs", "time"]);
    writeFileSync(file, "");
    audit.begin(call({}));
    expect(lines().length).toBe(1);
  });

  test("that cannot be written any more refuses the call before anything is sent, until it can", () => {
    const audit = open();
    const entry = audit.begin(call({}));
    rmSync(file);
    mkdirSync(file);
    expect(refusal(() => audit.begin(call({})))).toMatchInlineSnapshot(
      `"Nothing was sent to Nomad: the audit log cannot be written (it is no ordinary file), and without it this server changes nothing. It is AUDIT_LOG, <folder>/audit.log."`,
    );
    entry.end("ok", "done");
    expect(told.map((line) => line.replaceAll(folder, "<folder>"))).toMatchInlineSnapshot(`
      [
        "the outcome of stop_job (ok) is missing in the audit log <folder>/audit.log: it is no ordinary file",
      ]
    `);
    rmdirSync(file);
    audit.begin(call({}));
    expect(lines().length).toBe(1);
  });

  test("whose folder is gone refuses, too", () => {
    const audit = open();
    renameSync(folder, `${folder}.away`);
    expect(refusal(() => audit.begin(call({})))).toContain("(ENOENT)");
    expect(existsSync(file)).toBe(false);
    renameSync(`${folder}.away`, folder);
    audit.begin(call({}));
    expect(lines().length).toBe(1);
  });

  test("does not keep descriptors, however often it is rotated", () => {
    const descriptors = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
    const audit = open();
    audit.begin(call({}));
    const before = descriptors();
    for (let round = 0; round < 200; round++) {
      renameSync(file, `${file}.1`);
      audit.begin(call({}));
    }
    expect(descriptors()).toBe(before);
  });
});
