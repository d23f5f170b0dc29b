import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/**
 * What may import what: a room of src/ (a folder, or a file beside them) and the rooms that it may look into. The arrows go
 * from those who speak with people to those who speak with Nomad; what is not in a list goes the wrong way.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["commands", "log.ts", "server.ts", "settings"],
  commands: [
    ...[
      "access",
      "api",
      "clients.ts",
      "cluster.ts",
      "demo-cluster",
      "log.ts",
      "mcp",
      "nomad",
      "secrets",
      "serve.ts",
      "session.ts",
      "settings",
      "setup",
    ],
    ...["start.ts", "text", "tools", "transports", "version.ts"],
  ],
  setup: ["api", "mcp", "settings"],
  "server.ts": ["log.ts", "mcp", "secrets", "session.ts", "settings", "start.ts", "transports"],
  // Before the first answer: nothing of what makes an answer, which would cost its time.
  "start.ts": [
    "api",
    "cluster.ts",
    "demo-cluster",
    "instructions.ts",
    "library",
    "mcp",
    "settings",
    "text",
    "tools",
    "version.ts",
  ],
  "session.ts": [
    ...[
      "api",
      "clients.ts",
      "cluster.ts",
      "mcp",
      "nomad",
      "nomad-client.ts",
      "prompts",
      "resources",
      "secrets",
      "settings",
    ],
    ...["start.ts", "text", "tools"],
  ],
  "metrics.ts": ["service.ts", "version.ts"],
  "serve.ts": [
    "access",
    "api",
    "cluster.ts",
    "log.ts",
    "mcp",
    "metrics.ts",
    "service.ts",
    "settings",
    "start.ts",
    "transports",
  ],
  "service.ts": [
    ...[
      "access",
      "clients.ts",
      "cluster.ts",
      "logins",
      "mcp",
      "secrets",
      "session.ts",
      "settings",
      "start.ts",
      "tools",
    ],
  ],
  access: ["api", "endpoints", "nomad-client.ts", "settings", "text"],
  logins: ["access", "api", "cluster.ts", "deadline.ts", "endpoints", "nomad-client.ts", "text"],
  "clients.ts": ["api", "cluster.ts", "nomad-client.ts", "secrets"],
  "instructions.ts": ["text"],
  "cluster.ts": ["api", "settings", "text"],
  // Files and git, and no Nomad: what a job file means is a matter of src/nomad.
  library: ["api", "settings", "text"],
  settings: ["api", "text"],
  transports: ["access", "api", "deadline.ts", "mcp", "settings", "text", "version.ts"],
  prompts: ["mcp", "resources", "text"],
  resources: ["api", "endpoints", "mcp", "nomad", "nomad-client.ts", "text", "tools"],
  // Of prompts and resources only the catalog, which lists them.
  tools: ["api", "endpoints", "library", "mcp", "nomad", "nomad-client.ts", "prompts", "resources", "settings", "text"],
  nomad: ["api", "deadline.ts", "endpoints", "library", "nomad-client.ts", "secrets", "text"],
  "nomad-client.ts": ["api", "deadline.ts", "endpoints", "text"],
  secrets: ["endpoints", "text"],
  // Of each other these two know the errors and paths on the one side, and what a declaration says on the other.
  endpoints: ["api", "text"],
  api: ["deadline.ts", "endpoints", "text"],
  mcp: ["deadline.ts", "text"],
  text: [],
  "deadline.ts": [],
  "log.ts": ["text"],
  "version.ts": [],
};

interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: relative(root, file).replaceAll(sep, "/"), text: readFileSync(file, "utf8") };
    });
}

/** What a file imports, types too, also by `import()`: our own files from the root, packages by their names. */
function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier = ""]) => specifier);
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? join(dirname(path), specifier).replaceAll(sep, "/") : specifier,
  );
}

const roomOf = (path: string) => (path.startsWith("src/") ? path.split("/")[1] : path.split("/")[0]) ?? path;

const program = sources("src");

test("what imports what: every arrow of src/ goes one way", () => {
  const wrong = program.flatMap((source) => {
    const room = roomOf(source.path);
    const may = arrows[room];
    if (may === undefined)
      return [`${source.path}: ${room} is a new room; say in test/house.test.ts what it may import`];
    return importsOf(source)
      .filter((target) => target.startsWith("src/") || /^demo-cluster\b/.test(target))
      .map(roomOf)
      .filter((target) => target !== room && !may.includes(target))
      .map((target) => `${source.path} imports ${target}, which ${room} may not: move what both need, or pass it in`);
  });
  expect(wrong).toEqual([]);
});

test("before the first answer no code is loaded that makes one: no route, no tool, no mask", () => {
  const read = new Map(program.map((source) => [source.path, source]));
  const loaded = new Set<string>();
  const load = (path: string) => {
    // A value of the build stands there without the code that made it.
    if (loaded.has(path) || path.endsWith(".data.ts")) return;
    loaded.add(path);
    const { text = "" } = read.get(path) ?? {};
    const imports = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)"/gm)];
    for (const [, target = ""] of imports) load(join(dirname(path), target).replaceAll(sep, "/"));
  };
  load("src/main.ts");
  load("src/server.ts");
  expect(loaded.size).toBeGreaterThan(20);
  const rooms = ["endpoints", "nomad", "prompts", "resources", "secrets", "tools"];
  const needless = (path: string) => rooms.includes(roomOf(path)) || path.startsWith("src/transports/http/");
  expect([...loaded].filter(needless)).toEqual([]);
});

test("no tool imports another: what two share moves to nomad/ or text/", () => {
  const shared = /^src\/tools\/(context|index|[a-z]+\/index)\.ts$/;
  const wrong = program
    .filter(({ path }) => path.startsWith("src/tools/") && !path.endsWith("/index.ts"))
    .flatMap((source) =>
      importsOf(source)
        .filter((target) => target.startsWith("src/tools/") && !shared.test(target))
        .map((target) => `${source.path} imports ${target}`),
    );
  expect(wrong).toEqual([]);
});

test("the demo cluster imports nothing of the program", () => {
  const wrong = sources("packages/demo-cluster/src").flatMap((source) =>
    importsOf(source)
      .filter(
        (target) => !target.startsWith("packages/demo-cluster/src/") && target.includes("/") && !/^node:/.test(target),
      )
      .map((target) => `${source.path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("a route of Nomad is said once: no path of one stands outside src/endpoints", () => {
  const wrong = program
    .filter(({ path }) => !path.startsWith("src/endpoints/"))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
        // A comment may name a route; code takes its declaration. What is served under /api is our own.
        .filter(({ line }) => /(?<!\/api)\/v1\//.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map(({ at }) => `${at} names a route: declare it in src/endpoints and hand the declaration on`),
    );
  expect(wrong).toEqual([]);
});

test("what comments cite stands in docs/facts", () => {
  const facts = new Map<string, string>();
  const factsOf = (name: string) => {
    const known = facts.get(name) ?? readFileSync(join(root, "docs", "facts", name), "utf8");
    facts.set(name, known);
    return known;
  };
  const inTree = [...program, ...sources("packages/demo-cluster"), ...sources("test")];
  const cited = inTree.flatMap(({ path, text }) =>
    [...text.replaceAll(/\n\s*(\*|\/\/) ?/g, " ").matchAll(/\b([a-z-]+\.md),? ((?:§\d+(?:\.\d+)?(?:, )?)+)/g)].flatMap(
      ([, name = "", sections = ""]) =>
        (sections.match(/\d+(\.\d+)?/g) ?? []).map((section) => ({ path, name, section })),
    ),
  );
  expect(cited.length).toBeGreaterThan(40);
  const missing = cited.filter(({ name, section }) => {
    const number = section.replace(".", "\\.");
    return !new RegExp(`^(#+ ${number}[. ]|\\| ${number} \\|)`, "m").test(factsOf(name));
  });
  expect(missing.map(({ path, name, section }) => `${path} cites ${name} §${section}, which is not there`)).toEqual([]);
});

/** Tables that are one idea however long they are. */
const long: Readonly<Record<string, string>> = {
  "packages/demo-cluster/src/job/schema-table.ts": "every block and key of a job file",
};

test("a file of more than 250 lines is two ideas", () => {
  const wrong = [...program, ...sources("packages/demo-cluster/src")]
    .filter(({ path, text }) => text.trimEnd().split("\n").length > 250 && !Object.hasOwn(long, path))
    .map(({ path, text }) => `${path} has ${text.trimEnd().split("\n").length} lines: split it by idea`);
  expect(wrong).toEqual([]);
});
