import { execFile } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Program } from "../../support/program.ts";

// The public conformance suite of MCP before the built server.

/** What every server can be held to. */
const applies = [
  "server-initialize",
  "ping",
  "tools-list",
  "tools-call-error",
  "resources-list",
  "prompts-list",
  "completion-complete",
  "dns-rebinding-protection",
];

/** The others, by why they say nothing of this server. */
const others = {
  "they call tools that the suite's own server has": [
    ...["simple-text", "image", "audio", "embedded-resource", "mixed-content", "with-logging", "with-progress"].map(
      (name) => `tools-call-${name}`,
    ),
    "json-schema-2020-12",
  ],
  "they have such a tool ask the client": [
    ...["tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"],
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
};

test("the scenarios of the conformance suite that apply pass, and every other one is known", {
  timeout: 120_000,
}, async ({ skip }) => {
  skip(Number.parseInt(process.versions.node, 10) < 22, "the conformance suite needs Node 22");
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
  const { passed, failed } = await suite(`${origin}/mcp`);
  expect([...passed, ...failed].sort()).toEqual([...applies, ...Object.values(others).flat()].sort());
  expect(failed.filter((name) => applies.includes(name))).toEqual([]);
});

/** Runs all scenarios for servers: which passed, and which failed. */
async function suite(url: string): Promise<{ passed: readonly string[]; failed: readonly string[] }> {
  const found = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json");
  const program = join(dirname(found), "dist/index.js");
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    // Its exit status tells of failures, which are looked at below.
    execFile(process.execPath, [program, "server", "--url", url, "--suite", "all"], (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
  const rows = [...stdout.matchAll(/^([✓✗]) ([\w-]+): \d+ passed, \d+ failed/gmu)];
  if (rows.length === 0) throw new Error(`the suite did not run: ${stderr.slice(-2_000)}`);
  const those = (sign: string) => rows.flatMap(([, mark, name = ""]) => (mark === sign ? [name] : []));
  return { passed: those("✓"), failed: those("✗") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
