import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { createTwoFilesPatch } from "diff";
import { Refusal } from "../api/errors/refusal.ts";
import type { HostEntry } from "./entry.ts";
import type { Host } from "./hosts.ts";
import { masked } from "./masked.ts";
import { merged } from "./merge.ts";

/** What came of it. */
export interface Change {
  /** The file; where its path is a link, what that leads to. */
  readonly file: string;
  /** What changes, in the manner of `diff -u`, with a placeholder for what is secret or another's; "" where nothing does. */
  readonly diff: string;
  /** Others on this machine may read it. */
  readonly open: boolean;
  /** Writes it, after a copy of what was there. Gives the path of the copy; undefined where there was no file. */
  write(): string | undefined;
}

/** A change of a host's file. @throws Refusal where it is not there to be changed, or is no JSON. */
export function changeOf(path: string, host: Host, name: string, entry: HostEntry): Change {
  const isThere = existsSync(path);
  if (!isThere && !existsSync(dirname(path))) {
    throw new Refusal(
      `There is no folder ${dirname(path)}, so nothing was written: is ${host.title} installed for this user, and was it started once?`,
    );
  }
  const file = isThere ? realpathSync(path) : path;
  const before = isThere ? readFileSync(file, "utf8") : "";
  const after = merged(before, file, host, name, entry);
  const shown = (text: string) => masked(text, host, name, entry.secrets);
  return {
    file,
    // Windows has no such mode.
    open: isThere && process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0,
    diff: before === after ? "" : difference(file, shown(before), shown(after)),
    write() {
      const copy = isThere ? copyOf(file) : undefined;
      const temporary = `${file}.${process.pid}.tmp`;
      // A token may stand in it.
      writeFileSync(temporary, after, { mode: 0o600 });
      if (isThere) chmodSync(temporary, statSync(file).mode);
      renameSync(temporary, file);
      return copy;
    },
  };
}

function difference(file: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(file, file, before, after, "", "", { context: 2 });
  return patch.replace(/^Index: .*\n=+\n/, "").trimEnd();
}

function copyOf(file: string): string {
  const time = new Date().toISOString().replaceAll(":", "-").replace(/\..*/, "");
  const copy = `${file}.${time}.bak`;
  copyFileSync(file, copy);
  return copy;
}
