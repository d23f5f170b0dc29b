// Builds the program: src/main.ts and all that it imports, no runtime dependency left.
//
//   dist/nomad-mcp.js     scripts/entry.cjs: checks the Node version, loads the program
//   dist/parts/start-*    what every session loads
//   dist/parts/*.js       the rest: one file for each import() in the program, loaded on first use
//   dist/package.json     says that these are CommonJS (the package itself is "type": "module")
//
// Parts are named by their content and the entry is put in place last, so nobody sees half a build and the same source
// gives the same files. Nothing is written to stdout: hosts take that for the protocol.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, transform } from "esbuild";

const root = dirname(import.meta.dirname);
const dist = join(root, "dist");
const pkg = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const [, major, minor] = /^>=(\d+)\.(\d+)/.exec(pkg.engines.node);
const target = `node${major}.${minor}`;

// Identifiers stay, and lines short, so that a stack trace can be read and does not quote a whole file.
const small = { minifySyntax: true, minifyWhitespace: true, lineLimit: 160, legalComments: "none" };

const common = { absWorkingDir: root, bundle: true, platform: "node", target, write: false, metafile: true, ...small };

// esbuild has said on stderr what is wrong with the source; our own stack adds nothing to that.
const bundle = (options) => build({ ...common, ...options }).catch(() => process.exit(1));

// The SDK's Server and Client make an ajv validator when they are constructed, for the answers to elicitations and for
// output schemas. That is 280 kB of CommonJS at every start, for what most sessions never need: it becomes a part of its
// own, loaded by the first schema that wants validating.
const ajvProvider = /[\\/]sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/;
const ajv = await bundle({
  entryPoints: ["@modelcontextprotocol/sdk/validation/ajv-provider.js"],
  format: "cjs",
  minify: true,
});
const ajvText = ajv.outputFiles[0].text;
const ajvPart = `ajv-${createHash("sha256").update(ajvText).digest("hex").slice(0, 8)}.js`;
const lazyAjv = {
  name: "lazy-ajv",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\.\/ajv-[0-9a-f]+\.js$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: ajvProvider }, () => ({
      contents: `
        export class AjvJsonSchemaValidator {
          constructor(ajv) {
            this.ajv = ajv;
          }
          getValidator(schema) {
            this.real ??= new (require("./${ajvPart}").AjvJsonSchemaValidator)(this.ajv);
            return this.real.getValidator(schema);
          }
        }`,
    }));
  },
};

// A module *.data.ts is a value that the build makes: it is run here, as it is, and what it exports stands in its place, so
// that a start has the value without the code that made it.
const data = {
  name: "data",
  setup({ onLoad }) {
    onLoad({ filter: /\.data\.ts$/ }, async ({ path }) => {
      const made = await bundle({ entryPoints: [path], format: "esm", packages: "external", minifySyntax: false });
      const file = join(root, "node_modules/.cache", `${basename(path, ".ts")}-${process.pid}.mjs`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, made.outputFiles[0].text);
      const values = await import(pathToFileURL(file));
      rmSync(file);
      return {
        contents: Object.entries(values)
          .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
          .join("\n"),
      };
    });
  },
};

// esbuild splits ES modules only, so it makes those first; each is then turned into CommonJS, which starts faster.
const modules = await bundle({
  entryPoints: { main: "src/main.ts" },
  outdir: "dist/parts",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  format: "esm",
  splitting: true,
  define: {
    __NOMAD_MCP_VERSION__: JSON.stringify(pkg.version),
    // The demo's websockets do without the compiled helpers of ws, which would be packages at run time.
    "process.env.WS_NO_BUFFER_UTIL": "true",
    "process.env.WS_NO_UTF_8_VALIDATE": "true",
  },
  // ofetch's build for Node carries a fetch of its own (150 kB) for Nodes that have none. This one is the same without it.
  // What jsonc-parser has for Node finds its parts by a way that no bundler follows.
  alias: {
    ofetch: "./node_modules/ofetch/dist/index.mjs",
    "jsonc-parser": "./node_modules/jsonc-parser/lib/esm/main.js",
  },
  plugins: [lazyAjv, data],
});

const outputs = Object.entries(modules.metafile.outputs).map(([path, output]) => ({ name: basename(path), ...output }));
for (const { name, imports } of outputs) {
  // Not every Node knows every node: module (undici tries node:sqlite), but none of those is a package.
  const ours = (path) => isBuiltin(path) || path.startsWith("node:") || path === `./${ajvPart}`;
  const missing = imports.find(({ path, external }) => external && !ours(path));
  if (missing) throw new Error(`${name} would need the package ${missing.path} at run time`);
}

const parts = new Map();
for (const { path, text } of modules.outputFiles) {
  const { code } = await transform(text, {
    ...small,
    format: "cjs",
    platform: "node",
    target,
    supported: { "dynamic-import": false },
    // There is no import.meta in CommonJS, and a path relative to a source file means nothing in a bundle.
    logOverride: { "empty-import-meta": "error" },
  });
  parts.set(basename(path), code);
}
const usesAjv = Object.keys(modules.metafile.inputs).some((path) => ajvProvider.test(path));
if (usesAjv) parts.set(ajvPart, ajvText);

const partOf = (source) => outputs.find(({ entryPoint }) => entryPoint === source).name;
const main = partOf("src/main.ts");
// Each file that a start reads costs it 0.3 ms, so what every session loads is one, its modules made when they are asked for.
// Parts that are loaded later ask for these by the names that they would have as files, and are given those of this start.
const atStart = ["src/main.ts", "src/server.ts"].reduce(
  (seen, source) => staticImports(partOf(source), seen),
  new Set(),
);
// The helpers that esbuild puts before each of them are there once; a module whose helpers are others keeps its own.
const helpers = /^var __[\s\S]+?__toCommonJS=[^;]+;/;
const helpersOf = (name) => helpers.exec(parts.get(name))?.[0] ?? "";
const shared = [...atStart].map(helpersOf).reduce((one, other) => (other.length > one.length ? other : one));
const wrapped = [...atStart].map((name) => {
  const own = helpersOf(name);
  const isShared = [...own.matchAll(/\b(__\w+)=/g)].every(([helper]) => shared.includes(helper));
  return `"./${name}":(function(module,exports,require){${parts.get(name).slice(isShared ? own.length : 0)}\n})`;
});
const startText = `${shared}
const {join}=require("node:path"),parts={${wrapped.join(",\n")}},made={};
function load(name){if(!Object.hasOwn(parts,name))return require(name);
if(!made[name])parts[name](made[name]={exports:{}},made[name].exports,load);return made[name].exports}
for(const name of Object.keys(parts))require.cache[join(__dirname,name)]={loaded:true,get exports(){return load(name)}};
load("./${main}");
`;
const start = `start-${createHash("sha256").update(startText).digest("hex").slice(0, 8)}.js`;
parts.set(start, startText);

const entry = await transform(readFileSync(join(root, "scripts/entry.cjs"), "utf8"), {
  define: { __MINIMUM_NODE__: JSON.stringify([Number(major), Number(minor)]), __MAIN__: JSON.stringify(start) },
});

const files = new Map([
  ...[...parts].map(([name, text]) => [join("parts", name), text]),
  ["package.json", '{ "type": "commonjs" }\n'],
  ["THIRD-PARTY-LICENSES.txt", licenses([modules.metafile, ...(usesAjv ? [ajv.metafile] : [])])],
  ["nomad-mcp.js", entry.code],
]);

mkdirSync(join(dist, "parts"), { recursive: true });
// Says of which source this is the build; bin/run-mcp-server.sh writes it again if it was the one who asked.
rmSync(join(dist, ".stamp"), { force: true });
for (const [name, text] of files) {
  const file = join(dist, name);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  if (name === "nomad-mcp.js") chmodSync(temporary, 0o755);
  renameSync(temporary, file);
}
prune();

// One short session, so that the first start by a host finds its code compiled. Not on anyone's cluster: tools/list asks
// nothing of it. If this fails, starting the server will say why.
const request = (id, method, params) => `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
const clientInfo = { name: "build", version: pkg.version };
spawnSync(process.execPath, [join(dist, "nomad-mcp.js")], {
  env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NOMAD_"))),
  input:
    request(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo }) +
    request(2, "tools/list", {}),
  stdio: ["pipe", "ignore", "ignore"],
  timeout: 10_000,
});

const size = (names) => `${Math.round(names.reduce((sum, name) => sum + parts.get(name).length, 0) / 1000)} kB`;
const onDemand = [...parts.keys()].filter((name) => name !== start && !atStart.has(name));
process.stderr.write(
  `built dist/nomad-mcp.js ${pkg.version}: ${size([start])} at the start, ${size(onDemand)} on demand\n`,
);

function staticImports(part, seen) {
  seen.add(part);
  for (const { path, kind } of outputs.find(({ name }) => name === part).imports) {
    const name = basename(path);
    if (kind === "import-statement" && parts.has(name) && !seen.has(name)) staticImports(name, seen);
  }
  return seen;
}

// What earlier builds left. A host keeps a server for days, and it may still load a part of the build that it began with;
// a package to publish (--fresh) carries none.
function prune() {
  const oldest = process.argv.includes("--fresh") ? Date.now() : Date.now() - 7 * 24 * 3_600_000;
  const top = new Set([...files.keys()].map((name) => name.split(/[\\/]/)[0]));
  for (const name of readdirSync(dist))
    if (!top.has(name) && !name.startsWith(".")) rmSync(join(dist, name), { recursive: true, force: true });
  const cache = join(dist, ".cache");
  const compiled = existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith(".code")) : [];
  const left = [
    ...readdirSync(join(dist, "parts")).flatMap((name) => (parts.has(name) ? [] : [join(dist, "parts", name)])),
    ...compiled.flatMap((name) => (name.startsWith(start) ? [] : [join(cache, name)])),
  ];
  for (const file of left) if (statSync(file).mtimeMs < oldest) rmSync(file, { force: true });
}

// The licences of what is in the bundle ask to travel with it.
function licenses(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(root, folder, file), "utf8").trim() : "";
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
