import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A package of another program, such as a host, which the tests start and this project does not depend on: its folder in
 * node_modules, installed once. Undefined where npm cannot get it.
 */
export function fetched(name: string, version: string): string | undefined {
  const cache = join(import.meta.dirname, "../../node_modules/.cache/fetched");
  const folder = join(cache, `${name.replace("/", "+")}@${version}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const beginning = mkdtempSync(join(cache, "beginning-"));
    // Where there is no network, that is known soon.
    const patience = ["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
    const words = ["install", "--prefix", beginning, "--no-audit", "--no-fund", ...patience, `${name}@${version}`];
    const { status } = spawnSync("npm", words, { stdio: "ignore", shell: process.platform === "win32" });
    if (status !== 0) {
      rmSync(beginning, { recursive: true, force: true });
      return undefined;
    }
    renameSync(beginning, folder);
  }
  return join(folder, "node_modules", name);
}
