// Fills the generated blocks of README.md and docs/*.md (the tools as the built server offers them, the settings as
// src/settings/table.ts has them, conversations with the demo cluster, what each tool needs of its token), and writes
// config.example.toml, claude_nomad_tool.json, server.json (for the MCP registry) and the plugin of Claude Code. With --check nothing is written: exit status 1 where a file is stale.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { fromSource, root } from "./from-source.mjs";

/** What stands in the example of a settings file, where the default says too little. */
const exampleValues = {
  address: '"https://nomad.prod.example:4646"',
  tokenFile: '"/run/secrets/nomad-token"',
  token: '"..."',
  httpAuth: '"user:password"',
  region: '"eu"',
  caCert: '"/etc/nomad/ca.pem"',
  caPath: '"/etc/nomad/ca"',
  clientCert: '"/etc/nomad/client.pem"',
  clientKey: '"/etc/nomad/client-key.pem"',
  tlsServerName: '"server.global.nomad"',
  toolsets: '["jobs", "allocations"]',
  enabledTools: '["list_nomad_jobs", "get_job_status"]',
  disabledTools: '["stop_job"]',
  namespaces: '["default", "shop"]',
  confirm: '"ask"',
  auditLog: '"/var/log/nomad-mcp.log"',
  cluster: '"prod"',
  publicUrl: '"https://nomad-mcp.example.com"',
  tlsCert: '"/etc/nomad-mcp/tls.pem"',
  tlsKey: '"/etc/nomad-mcp/tls-key.pem"',
  tlsClientCa: '"/etc/nomad-mcp/client-ca.pem"',
  behindProxy: '["10.0.0.0/8"]',
  allowedHosts: '["nomad-mcp.internal"]',
  allowedOrigins: '["https://inspector.example.com"]',
  auth: '["keys"]',
  oidcIssuer: '"https://login.example.com/realms/team"',
  oidcAudience: '["https://nomad-mcp.example.com/mcp"]',
  oidcUserClaim: '"preferred_username"',
  oidcGroupsClaim: '"realm_access.roles"',
  oidcScopes: '["openid", "profile"]',
  loginMethod: '"corp"',
  oidcCa: '"/etc/nomad-mcp/provider-ca.pem"',
  metricsListen: '"127.0.0.1:9100"',
  keysFile: '"/etc/nomad-mcp/keys.toml"',
  stateKeyFile: '"/etc/nomad-mcp/state-key"',
};
const { settingsTable, tomlKey, toolsets, needsToRead, policyOf } = await fromSource({
  "src/settings/table.ts": ["settingsTable", "tomlKey"],
  "src/tools/index.ts": ["toolsets"],
  "src/nomad/cluster/check/policy.ts": ["needsToRead", "policyOf"],
});
const { serverJson, pluginManifest, marketplace, commands, installLinks } = await fromSource({
  "scripts/packages/links.ts": ["installLinks"],
  "scripts/packages/registry.ts": ["serverJson"],
  "scripts/packages/plugin.ts": ["pluginManifest", "marketplace", "commands"],
});
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const held = await conversations();
/** The blocks of each paper, by name. */
const papers = {
  "README.md": { toolsets: toolsetRows(), workflow: told(held.filter(({ isWorkflow }) => isWorkflow)) },
  "docs/tools.md": { tools: toolTables(offered()) },
  "docs/settings.md": { settings: settingsRows(settingsTable) },
  "docs/start.md": { links: installLinks(about) },
  "docs/operate.md": { conversations: byTask(held) },
  "docs/rights.md": { policies: policies(), needs: needsTable() },
};
for (const [name, blocks] of Object.entries(papers)) write(name, (text) => Object.entries(blocks).reduce(fill, text));
write("config.example.toml", () => exampleFile(settingsTable));
// The version stands in package.json alone, and where papers and job files name it.
for (const name of [
  "README.md",
  ...["docs", "deploy"].flatMap((folder) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`)),
])
  if (/\.(md|hcl)$/.test(name)) write(name, versioned);
for (const [name, value] of Object.entries({
  "server.json": serverJson(about),
  ".claude-plugin/plugin.json": pluginManifest(about),
  ".claude-plugin/marketplace.json": marketplace(about),
}))
  write(name, () => `${JSON.stringify(value, null, 2)}\n`);
const slash = await commands();
for (const [name, text] of Object.entries(slash)) write(`plugin/commands/${name}`, () => text);
for (const name of readdirSync(join(root, "plugin/commands")))
  if (!Object.hasOwn(slash, name)) remove(`plugin/commands/${name}`);
write("claude_nomad_tool.json", () => printed("--format", "claude"));

/** Of a command whose prompt there is no more. */
function remove(name) {
  if (process.argv.includes("--check")) {
    process.stderr.write(`${name} is stale: npm run docs\n`);
    process.exitCode = 1;
  } else rmSync(join(root, name));
}

function write(name, change) {
  const file = join(root, name);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const after = change(before);
  if (after === before) process.stderr.write(`${name} is up to date\n`);
  else if (process.argv.includes("--check")) {
    process.stderr.write(`${name} is stale: npm run docs\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, after);
    process.stderr.write(`${name} written\n`);
  }
}

function fill(text, [name, content]) {
  const [start, end] = [`<!-- ${name}: generated by npm run docs -->`, `<!-- /${name} -->`];
  const [head, rest] = text.split(start);
  const [present, tail] = rest?.split(end) ?? [];
  if (tail === undefined) throw new Error(`there is no block ${start} ... ${end}`);
  // How long something took, rounded, may fall on either side from run to run.
  if (timeless(present.trim()) === timeless(content)) return text;
  return `${head}${start}\n\n${content}\n\n${end}${tail}`;
}

function versioned(text) {
  return text.replaceAll(/\b(nomad-mcp(?:-|:| |: ))\d+\.\d+\.\d+/g, (_, before) => `${before}${about.version}`);
}

function timeless(text) {
  return text.replaceAll(/\b(?:\d+[dhms])+\b/g, "");
}

/** What a host would be offered that asked for every toolset, where there is a library. */
function offered() {
  const config = join(root, "node_modules/.cache/nomad-mcp-library.toml");
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, `[library]\nfolders = [${JSON.stringify(join(root, "test/job-files"))}]\n`);
  return JSON.parse(printed("--json", "--toolsets", "all", "--config", config)).tools;
}

/** What `nomad-mcp tools` prints, whatever is set on this machine. */
function printed(...words) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NOMAD_|HOME$|XDG_|APPDATA$)/.test(name)),
  );
  const server = join(root, "dist/nomad-mcp.js");
  return execFileSync(process.execPath, [server, "tools", ...words], { env, encoding: "utf8" });
}

/** The conversations of scripts/conversations.ts, held anew. */
async function conversations() {
  // Beside the packages, so that what is not bundled is found.
  const outdir = join(root, "node_modules/.cache");
  const name = "nomad-mcp-conversations";
  if (existsSync(outdir)) {
    for (const file of readdirSync(outdir)) if (file.startsWith(name)) rmSync(join(outdir, file), { recursive: true });
  }
  await build({
    entryPoints: [join(root, "scripts/conversations.ts")],
    outdir,
    entryNames: name,
    chunkNames: `${name}-[hash]`,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is loaded on first use stays a module of its own, as in the program.
    splitting: true,
    format: "esm",
    platform: "node",
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
  });
  const { converse } = await import(pathToFileURL(join(outdir, `${name}.mjs`)).href);
  return await converse();
}

/** The smallest policy of each toolset, to read and to change. */
function policies() {
  const block = (heading, tools) => {
    const policy = policyOf(tools, "default");
    return policy === "" ? `${heading}: any token will do.` : `${heading}:\n\n\`\`\`hcl\n${policy}\n\`\`\``;
  };
  return toolsets
    .flatMap(({ name, tools }) => {
      const asking = tools.filter(({ risk }) => risk === "read");
      const reading = asking.filter(needsToRead);
      const without = asking.filter((tool) => !needsToRead(tool)).map((tool) => code(tool.name));
      const but = without.length > 0 ? ` (without ${without.join(" and ")})` : "";
      return [
        ...(reading.length > 0 ? [block(`Toolset ${code(name)}, to read${but}`, reading)] : []),
        ...(reading.length < tools.length ? [block(`Toolset ${code(name)}, to change things, too`, tools)] : []),
      ];
    })
    .join("\n\n");
}

/** What there is, in short. */
function toolsetRows() {
  const names = (tools) => tools.map(({ name }) => code(name)).join(", ");
  const isReading = ({ risk }) => risk === "read";
  const rows = toolsets.map(({ name, tools }) => [
    code(name),
    names(tools.filter(isReading)),
    names(tools.filter((tool) => !isReading(tool))),
  ]);
  const count = toolsets.flatMap(({ tools }) => tools).length;
  return table([`${count} tools, by toolset`, "to read", "to change things"], rows);
}

function told(parts) {
  return parts.map(({ text }) => text).join("\n\n");
}

/** Under a heading for each task. */
function byTask(parts) {
  return parts.map(({ task, text }) => (task === undefined ? text : `## ${task}\n\n${text}`)).join("\n\n");
}

function needsTable() {
  const words = (list = []) => list.map((word) => code(word.split("|").join(" or "))).join(", ");
  const rows = toolsets.flatMap(({ tools }) =>
    tools.map(({ name, needs, helps }) => [code(name), words(needs) || "nothing", words(helps)]),
  );
  return table(["tool", "needs", "tells more with"], rows);
}

function toolTables(tools) {
  const rows = (wanted) =>
    tools
      .filter(({ annotations }) => annotations.readOnlyHint === wanted)
      .map(({ name, description, inputSchema }) => [code(name), description, parameters(inputSchema)]);
  const head = ["tool", "what it does", "arguments (optional ones in brackets)"];
  return `Reading:\n\n${table(head, rows(true))}\n\nChanging:\n\n${table(head, rows(false))}`;
}

/** Every tool has `namespace`, so that is said once, in the text above. */
function parameters({ properties, required = [] }) {
  const names = Object.keys(properties).filter((name) => name !== "namespace");
  const needed = names.filter((name) => required.includes(name));
  const optional = names.filter((name) => !required.includes(name));
  return [needed.map(code).join(", "), optional.length > 0 ? `[${optional.map(code).join(", ")}]` : ""]
    .join(" ")
    .trim();
}

function settingsRows(all) {
  const rows = all.map((setting) => [
    setting.env ? code(setting.env) : "",
    setting.noFlag ? "" : code(`--${setting.flag}${setting.kind === "switch" ? "" : " VALUE"}`),
    tomlKey(setting) ? code(tomlKey(setting)) : "",
    setting.default ? code(setting.default) : "",
    setting.help,
  ]);
  return table(["variable", "flag", "in the file", "default", "meaning"], rows);
}

/** Every setting of the file, each as a comment where it stands at its default. */
function exampleFile(all) {
  const entry = (setting, prefix = "# ") => {
    const example =
      exampleValues[setting.key] ??
      (setting.kind === "switch"
        ? "true"
        : setting.kind === "number"
          ? setting.default
          : JSON.stringify(setting.default ?? ""));
    return `# ${setting.help}\n${prefix}${tomlKey(setting)} = ${example}`;
  };
  const of = (...kinds) => all.filter((setting) => kinds.includes(setting.of));
  return [
    "# Settings of nomad-mcp. `nomad-mcp --help` says where this file is looked for. A flag or variable wins over it.",
    ...of("session", "both", "network").map((setting) => entry(setting)),
    '# Where the team\'s job files live (docs/job-files.md).\n# [library]\n#   folders = ["/srv/jobs"]\n#   write = "on"',
    "# One table for each cluster; the tools then take its name as the argument cluster. With a single cluster its settings may\n" +
      "# stand above, in no table.",
    `[clusters.prod]\n${of("cluster", "both")
      .map((setting) => entry(setting, setting.key === "address" ? "" : "# "))
      .join("\n\n")}`,
    '[clusters.staging]\naddress = "http://nomad.staging.example:4646"\n',
  ].join("\n\n");
}

function code(text) {
  return `\`${text}\``;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replaceAll(/ +/g, " ");
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
