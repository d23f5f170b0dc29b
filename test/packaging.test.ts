import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, onTestFinished, test } from "vitest";
import { linksOf } from "./support/papers.ts";

// What leaves this repository: the package, and what a clone is started with.

const root = join(import.meta.dirname, "..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const pkg: Record<string, unknown> & { name: string; version: string } = JSON.parse(read("package.json"));

test("the example configuration can be pasted as it is", () => {
  const { mcpServers }: { mcpServers: { nomad: { command: string; env: Record<string, string> } } } = JSON.parse(
    read("claude_desktop_config.example.json"),
  );
  expect(isAbsolute(mcpServers.nomad.command)).toBe(true);
  expect(mcpServers.nomad.command).toMatch(/\/bin\/run-mcp-server\.sh$/);
  // A token that stands for one would be sent as one.
  expect(mcpServers.nomad.env).toEqual({ NOMAD_ADDR: "http://127.0.0.1:4646", NOMAD_NAMESPACE: "default" });
});

test("the package needs no other at run time, and runs nothing when it is installed", () => {
  expect(pkg).not.toHaveProperty("dependencies");
  expect(pkg).not.toHaveProperty("peerDependencies");
  expect(pkg).not.toHaveProperty("optionalDependencies");
  expect(Object.keys(pkg.scripts ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/install$/)]));
  expect(pkg.bin).toEqual({ "nomad-mcp": "dist/nomad-mcp.js" });
});

test("the workflows run actions as they were looked at, audit what the program is bundled of, and publish with provenance", () => {
  const folder = join(root, ".github/workflows");
  const workflows = readdirSync(folder).map((name) => read(`.github/workflows/${name}`));
  const used = [...workflows.join("\n").matchAll(/uses: (.*)/g)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(3);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const check = read(".github/workflows/check.yml");
  expect(check).toMatch(/npm audit --include=dev/);
  for (const system of ["ubuntu", "macos", "windows"]) expect(check).toContain(`${system}-latest`);
  const release = read(".github/workflows/release.yml");
  expect(release).toMatch(/npm publish .*--provenance/);
  expect(release).toMatch(/id-token: write/);
  // Scripts that they start are there.
  const { scripts } = JSON.parse(read("package.json"));
  for (const [, name = ""] of workflows.join("\n").matchAll(/npm run ([a-z:]+)/g))
    expect(Object.keys(scripts)).toContain(name);
});

test("the version stands in package.json, and everywhere else as it is there", () => {
  const lock: { version: string; packages: Record<string, { version: string }> } = JSON.parse(
    read("package-lock.json"),
  );
  expect([lock.version, lock.packages[""]?.version]).toEqual([pkg.version, pkg.version]);
  const papers = ["docs", "deploy"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(md|hcl)$/.test(name))
      .map((name) => read(`${folder}/${name}`)),
  );
  const named = [read("README.md"), ...papers].flatMap((text) => [
    ...text.matchAll(/\bnomad-mcp(?:-|:| |: )(\d+\.\d+\.\d+)/g),
  ]);
  expect(named.length).toBeGreaterThan(3);
  expect(named.map(([, version]) => version).filter((version) => version !== pkg.version)).toEqual([]);
});

test("the package holds the program and its papers with all that they link to, and nothing of this machine", {
  timeout: 60_000,
}, () => {
  // As compiled code and what bin/run-mcp-server.sh keeps: names with a dot are this machine's own.
  const own = join(root, "dist/.own");
  mkdirSync(join(own, "deeper"), { recursive: true });
  writeFileSync(join(own, "deeper/file"), "");
  onTestFinished(() => rmSync(own, { recursive: true }));
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  const parts = paths.filter((path) => /^dist\/parts\/[\w-]+\.js$/.test(path));
  expect(parts.length).toBeGreaterThan(1);
  const papers = paths.filter((path) => path.endsWith(".md"));
  expect(papers.flatMap((paper) => linksOf(paper, read(paper))).filter((path) => !paths.includes(path))).toEqual([]);
  expect(paths.filter((path) => !parts.includes(path)).sort()).toEqual([
    ".claude-plugin/plugin.json",
    ".env.ssl.example",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "claude_desktop_config.example.json",
    "claude_nomad_tool.json",
    "config.example.toml",
    "deploy/grafana-dashboard.json",
    "deploy/healthcheck.cjs",
    "deploy/load-balancer.nomad.hcl",
    "deploy/nomad-mcp-policy.hcl",
    "deploy/nomad-mcp.nomad.hcl",
    "deploy/prometheus-alerts.yml",
    "deploy/try-image.sh",
    "dist/THIRD-PARTY-LICENSES.txt",
    "dist/nomad-mcp.js",
    "dist/package.json",
    "docs/README.md",
    "docs/deploy.md",
    "docs/from-python.md",
    "docs/how-it-works.md",
    "docs/job-files.md",
    "docs/network-clients.md",
    "docs/network.md",
    "docs/operate.md",
    "docs/rest.md",
    "docs/rights.md",
    "docs/secure.md",
    "docs/settings.md",
    "docs/sign-in.md",
    "docs/start.md",
    "docs/tools.md",
    "docs/troubleshooting.md",
    "examples/mcp-connector.mjs",
    "examples/rest-tools.mjs",
    "package.json",
    "plugin/commands/cluster-health.md",
    "plugin/commands/deploy.md",
    "plugin/commands/diagnose-job.md",
    "plugin/commands/review-drift.md",
    "plugin/commands/review-job-file.md",
    "plugin/commands/roll-out.md",
    "plugin/skills/operate-nomad/SKILL.md",
  ]);
});

test("the program says its version, with nothing on stdout that is not asked for", () => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/nomad-mcp.js"), "--version"], {
    cwd: "/",
    encoding: "utf8",
    env: {},
  });
  expect({ stdout, stderr }).toEqual({ stdout: `${pkg.version}\n`, stderr: "" });
});

test("an old Node is told what is wrong, in words that it can parse", () => {
  const entry = read("dist/nomad-mcp.js");
  expect(entry).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(entry).not.toMatch(/\?\.|\?\?|^(import|export) |\basync\b|\bawait\b/m);
  const pretend = `Object.defineProperty(process.versions, "node", { value: "14.21.3" });
    process.argv[1] = ${JSON.stringify(join(root, "dist/nomad-mcp.js"))};
    require(process.argv[1]);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", pretend], { encoding: "utf8" });
  expect(stderr).toMatch(/^nomad-mcp needs Node >= 20\.19, but this is v[\d.]+ \(.*\)\.\n$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});

// It packs the package.
test("publint has nothing to say", { timeout: 60_000 }, async () => {
  const { messages } = await publint({ pkgDir: root });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test.skipIf(process.platform === "win32").each([".ci/run", "bin/run-mcp-server.sh", "dist/nomad-mcp.js"])(
  "%s can be started",
  (name) => {
    expect(() => accessSync(join(root, name), constants.X_OK)).not.toThrow();
  },
);
