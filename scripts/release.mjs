// Releases a version, from a tree that holds nothing else: the version in package.json, from which everything else takes it, the
// changelog, all that is made by `npm run docs`, all checks and tests, the bundle and the package. What goes wrong leaves the tree
// as it was; what goes right ends in a commit and a tag, which nobody has seen yet.
//
//   npm run release -- 0.3.0
//   node scripts/release.mjs --notes 0.2.0     what the changelog says of it
//
// The folder is that from which it is started.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromSource } from "./from-source.mjs";

const { changesOf, cut, isAfter } = await fromSource({
  "scripts/packages/changelog.ts": ["changesOf", "cut", "isAfter"],
});
const root = process.cwd();
const words = process.argv.slice(2);
const version = words.at(-1) ?? "";
const fail = (text) => {
  process.stderr.write(`release: ${text}\n`);
  process.exit(1);
};
const run = (program, ...words) =>
  execFileSync(program, words, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
const show = (program, ...words) =>
  execFileSync(program, words, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });

const json = (name) => JSON.parse(readFileSync(join(root, name), "utf8"));
const put = (name, value) => writeFileSync(join(root, name), `${JSON.stringify(value, null, 2)}\n`);

const before = readFileSync(join(root, "CHANGELOG.md"), "utf8");
if (words[0] === "--notes") {
  process.stdout.write(`${changesOf(before, version)}\n`);
  process.exit(0);
}

const about = json("package.json");
let changelog;
try {
  if (!isAfter(version, about.version)) fail(`${version} does not come after ${about.version}`);
  changelog = cut(before, version, new Date().toISOString().slice(0, 10));
} catch (error) {
  fail(error.message);
}
const dirty = run("git", "status", "--porcelain").trim();
if (dirty !== "") fail(`the tree is not clean; commit or put away first:\n${dirty}`);
if (run("git", "tag", "--list", `v${version}`).trim() !== "") fail(`there is a tag v${version} already`);

const made = join(root, "release");
try {
  writeFileSync(join(root, "CHANGELOG.md"), changelog);
  put("package.json", { ...about, version });
  const lock = json("package-lock.json");
  put("package-lock.json", { ...lock, version, packages: { ...lock.packages, "": { ...lock.packages[""], version } } });
  for (const script of ["docs", "check", "test:hard"]) show("npm", "run", script);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
  show("npm", "run", "bundle", "--", join(made, `${about.name}.mcpb`));
  show("npm", "pack", "--pack-destination", made);
} catch (error) {
  run("git", "checkout", "--", ".");
  fail(`${error.message}; the tree is as it was`);
}
run("git", "add", "--update");
run("git", "commit", "--quiet", "--message", `Release ${version}`);
run("git", "tag", "--annotate", `v${version}`, "--message", `Release ${version}`);
for (const name of readdirSync(made)) {
  const sum = createHash("sha256")
    .update(readFileSync(join(made, name)))
    .digest("hex");
  process.stdout.write(`${sum}  release/${name}\n`);
}
process.stdout.write(`committed, with the tag v${version}. To publish it: git push --follow-tags\n`);
if (about.mcpName?.startsWith("io.github.owner/")) {
  process.stdout.write("mcpName in package.json names no owner yet: the MCP registry will not take it\n");
}
