/**
 * The changelog with what was not released yet under a version and its day (Keep a Changelog), and nothing above it.
 *
 * @throws Error where there is nothing to release, or the version is there already.
 */
export function cut(changelog: string, version: string, day: string): string {
  const head = "## [Unreleased]\n";
  if (changelog.includes(`\n## [${version}]`)) throw new Error(`CHANGELOG.md has ${version} already`);
  const [before, rest] = changelog.split(head);
  const [changes = ""] = rest?.split(/^## /m) ?? [];
  if (before === undefined || rest === undefined || !/^- /m.test(changes)) {
    throw new Error("CHANGELOG.md has nothing under [Unreleased]");
  }
  return `${before}${head}\n## [${version}] - ${day}\n${rest}`;
}

/** What the changelog says of a version. @throws Error where it has none. */
export function changesOf(changelog: string, version: string): string {
  const [, rest] = changelog.split(new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\].*\n`, "m"));
  const [changes] = rest?.split(/^## /m) ?? [];
  if (changes === undefined) throw new Error(`CHANGELOG.md has no ${version}`);
  return changes.trim();
}

/** Whether a version comes after another: three numbers each. @throws Error where one is none. */
export function isAfter(version: string, other: string): boolean {
  const [mine, theirs] = [numbers(version), numbers(other)];
  const at = mine.findIndex((number, index) => number !== theirs[index]);
  return at >= 0 && (mine[at] ?? 0) > (theirs[at] ?? 0);
}

function numbers(version: string): number[] {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${JSON.stringify(version)} is no version, such as 1.2.3`);
  return version.split(".").map(Number);
}
