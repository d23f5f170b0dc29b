import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Names the folder of a whole test run, in which every folder of a test is. */
const variable = "TEST_FOLDERS";

/**
 * Before all tests, in the process that starts the workers: a folder for theirs, which goes when all have ended. A worker cannot
 * clear away at its own end: it is killed.
 */
export default function foldersOfRun(): () => void {
  const base = mkdtempSync(join(tmpdir(), "nomad-mcp-tests-"));
  process.env[variable] = base;
  return () => rmSync(base, { recursive: true, force: true });
}

/** An empty folder that is removed when the test run ends; outside of one, when the process does. */
export function testFolder(name: string): string {
  const run = process.env[variable];
  const folder = mkdtempSync(join(run ?? tmpdir(), `nomad-mcp-${name}-`));
  if (run === undefined) process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
