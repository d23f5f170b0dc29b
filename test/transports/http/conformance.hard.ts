import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../support/authority.ts";
import { Program } from "../../support/program.ts";

// The public conformance suite of MCP before the built server.

const revisions = {
  "2025-11-25": {
    /** What every server can be held to. */
    applies: [
      "server-initialize",
      "server-session-lifecycle",
      "ping",
      "tools-list",
      "tools-call-error",
      "resources-list",
      "prompts-list",
      "completion-complete",
      "dns-rebinding-protection",
    ],
    /** The others, by why they say nothing of this server. */
    others: {
      "they call tools that the suite's own server has": [
        ...["simple-text", "image", "audio", "embedded-resource", "mixed-content", "with-logging"].map(
          (name) => `tools-call-${name}`,
        ),
        ...["tools-call-with-progress", "json-schema-2020-12"],
      ],
      "they have such a tool ask the client": [
        ...["tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults"],
        "elicitation-sep1330-enums",
      ],
      "they read resources that the suite's own server has": [
        ...["resources-read-text", "resources-read-binary", "resources-templates-read"],
      ],
      "they get prompts that the suite's own server has": [
        ...["simple", "with-args", "embedded-resource", "with-image"].map((name) => `prompts-get-${name}`),
      ],
      "the server declares neither logging nor subscriptions": [
        ...["logging-set-level", "resources-subscribe", "resources-unsubscribe"],
      ],
      "they need sessions, and there are none": ["server-sse-polling", "server-sse-multiple-streams"],
    },
    except: [],
  },
  "2026-07-28": {
    applies: [
      "server-stateless",
      "http-header-validation",
      "caching",
      "tools-list",
      "tools-call-error",
      "resources-list",
      "sep-2164-resource-not-found",
      "prompts-list",
      "completion-complete",
      "input-required-result-unsupported-methods",
      "dns-rebinding-protection",
    ],
    others: {
      "they call tools that the suite's own server has": [
        ...["simple-text", "image", "audio", "embedded-resource", "mixed-content", "with-progress"].map(
          (name) => `tools-call-${name}`,
        ),
        ...["json-schema-2020-12", "server-sse-multiple-streams", "http-custom-header-server-validation"],
      ],
      "they have such a tool or prompt ask the client": [
        ...["basic-elicitation", "basic-sampling", "basic-list-roots", "request-state", "multiple-input-requests"],
        ...["multi-round", "missing-input-response", "non-tool-request", "result-type", "tampered-state"],
        ...["capability-check", "ignore-extra-params", "validate-input"],
      ].map((name) => `input-required-result-${name}`),
      "they read resources that the suite's own server has": [
        ...["resources-read-text", "resources-read-binary", "resources-templates-read"],
      ],
      "they get prompts that the suite's own server has": [
        ...["simple", "with-args", "embedded-resource", "with-image"].map((name) => `prompts-get-${name}`),
      ],
    },
    // They call a tool that the suite's own server has.
    except: ["sep-2575-server-rejects-undeclared-capability", "sep-2575-missing-capability-http-400"],
  },
} as const;

const tooOld = Number.parseInt(process.versions.node, 10) < 22;

// The suite itself needs Node 22.
test.skipIf(tooOld).each(Object.entries(revisions))(
  "revision %s: the scenarios of the conformance suite that apply pass, and every other one is known",
  { timeout: 120_000 },
  async (revision, { applies, others, except }) => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    // The suite sends no key. As a web page it comes from the server's own address, and expects to be let in.
    const open = ["--auth=none", `--allowed-origins=${origin}`, "--rate=10000/s"];
    const server = new Program(["serve", "--demo", `--listen=127.0.0.1:${port}`, ...open]);
    onTestFinished(async () => {
      server.child.kill("SIGKILL");
      await server.end();
    });
    await server.until(() => server.stderr.includes("listening on"), "the line that it listens");
    const checks = await suite(`${origin}/mcp`, revision);
    expect(Object.keys(checks).sort()).toEqual([...applies, ...Object.values(others).flat()].sort());
    const failed = applies.flatMap((name) => checks[name] ?? []).filter(({ status }) => status === "FAILURE");
    expect(failed.map(({ id }) => id)).toEqual(except);
  },
);

/** What the suite looked at. */
interface Check {
  readonly id: string;
  readonly status: string;
}

/** Runs all scenarios of a revision for servers: what each of them looked at. */
async function suite(url: string, revision: string): Promise<Readonly<Record<string, readonly Check[]>>> {
  const found = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json");
  const program = join(dirname(found), "dist/index.js");
  const folder = makeFolder();
  onTestFinished(folder.remove);
  const asked = ["--url", url, "--suite", "all", "--spec-version", revision, "-o", folder.path];
  const stderr = await new Promise<string>((resolve) => {
    // Its exit status tells of failures, which are looked at below.
    execFile(process.execPath, [program, "server", ...asked], (_, __, stderr) => resolve(stderr));
  });
  const rows = readdirSync(folder.path).map((name) => {
    const [, scenario = name] = /^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name) ?? [];
    return [scenario, JSON.parse(readFileSync(join(folder.path, name, "checks.json"), "utf8"))] as const;
  });
  if (rows.length === 0) throw new Error(`the suite did not run: ${stderr.slice(-2_000)}`);
  return Object.fromEntries(rows);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
