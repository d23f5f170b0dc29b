import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { changesOf, cut, isAfter } from "../../scripts/packages/changelog.ts";

const script = join(import.meta.dirname, "../../scripts/release.mjs");
const changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n";

describe("the changelog", () => {
  test("what was not released stands under its version then", () => {
    const after = cut(changelog, "0.2.0", "2026-11-29");
    expect(after).toBe(
      "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-29\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n",
    );
    expect(changesOf(after, "0.2.0")).toBe("### Added\n\n- A thing.");
    expect(changesOf(after, "0.1.0")).toBe("- Old.");
    expect(() => changesOf(after, "0.3.0")).toThrow("CHANGELOG.md has no 0.3.0");
    expect(() => cut(after, "0.3.0", "2026-11-30")).toThrow("CHANGELOG.md has nothing under [Unreleased]");
    expect(() => cut(changelog, "0.1.0", "2026-11-30")).toThrow("CHANGELOG.md has 0.1.0 already");
  });

  test("that of this repository can be cut, and a version comes after another by its numbers", () => {
    const own = readFileSync(join(import.meta.dirname, "../../CHANGELOG.md"), "utf8");
    if (/## \[Unreleased\]\n+### /.test(own))
      expect(cut(own, "99.0.0", "2026-11-29")).toContain("## [99.0.0] - 2026-11-29");
    expect([isAfter("0.10.0", "0.9.9"), isAfter("1.0.0", "1.0.0"), isAfter("0.9.9", "0.10.0")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(() => isAfter("1.0", "0.1.0")).toThrow('"1.0" is no version, such as 1.2.3');
  });
});

describe("npm run release, in a repository whose checks are quick", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "release-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const note = (word: string) => `node -e "fs.appendFileSync('.git/ran', '${word} ')"`;
    const scripts = {
      docs: `${note("docs")} && node -e "fs.writeFileSync('paper', require('./package.json').version)"`,
      check: `node check.cjs && ${note("check")}`,
      "test:hard": note("hard"),
      bundle: "node bundle.cjs",
    };
    const about = { name: "nomad-mcp", version: "0.1.0", mcpName: "io.github.owner/nomad-mcp", scripts };
    write("package.json", JSON.stringify(about, null, 2));
    write("package-lock.json", JSON.stringify({ version: "0.1.0", packages: { "": { version: "0.1.0" } } }, null, 2));
    write("CHANGELOG.md", changelog);
    write("paper", "0.1.0");
    write("check.cjs", "");
    write("bundle.cjs", "require('fs').writeFileSync(process.argv[2], 'bundle')");
    write(".gitignore", "release/\n");
    git("init", "--quiet");
    git("config", "user.name", "x");
    git("config", "user.email", "x@example.com");
    git("add", ".");
    git("commit", "--quiet", "-m", "begin");
  });

  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const git = (...words: string[]) => execFileSync("git", words, { cwd: folder, encoding: "utf8" }).trim();
  const release = (version: string) =>
    spawnSync(process.execPath, [script, version], { cwd: folder, encoding: "utf8" });

  test("it makes everything of the new version, and ends in a commit and a tag", { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = release("0.2.0");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(read(".git/ran")).toBe("docs check hard ");
    expect(JSON.parse(read("package.json")).version).toBe("0.2.0");
    const lock = JSON.parse(read("package-lock.json"));
    expect([lock.version, lock.packages[""].version, read("paper")]).toEqual(["0.2.0", "0.2.0", "0.2.0"]);
    expect(read("CHANGELOG.md")).toContain("## [0.2.0] - ");
    expect([git("status", "--porcelain"), git("log", "-1", "--format=%s"), git("describe")]).toEqual([
      ...["", "Release 0.2.0", "v0.2.0"],
    ]);
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}release\/nomad-mcp-0\.2\.0\.tgz$/m);
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}release\/nomad-mcp\.mcpb$/m);
    expect(stdout).toContain("mcpName in package.json names no owner yet");
  });

  test("a tree that is not clean, an older version and one that is tagged are refused, and nothing is run", () => {
    expect(release("0.1.0").stderr).toBe("release: 0.1.0 does not come after 0.1.0\n");
    git("tag", "v0.2.0");
    expect(release("0.2.0").stderr).toBe("release: there is a tag v0.2.0 already\n");
    write("new", "");
    expect(release("0.3.0")).toMatchObject({
      status: 1,
      stderr: "release: the tree is not clean; commit or put away first:\n?? new\n",
    });
    expect(existsSync(join(folder, ".git/ran"))).toBe(false);
  });

  test("a check that fails leaves the tree as it was", { timeout: 60_000 }, () => {
    write("check.cjs", "process.exit(1)");
    git("commit", "--quiet", "-am", "break");
    const { status, stderr } = release("0.2.0");
    expect(status).toBe(1);
    expect(stderr).toMatch(/release: .*npm run check.*; the tree is as it was\n$/);
    expect([git("status", "--porcelain"), read("paper"), git("tag")]).toEqual(["", "0.1.0", ""]);
  });
});
