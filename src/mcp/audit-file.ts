import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { isAbsolute } from "node:path";
import { Refused } from "./refused.ts";

/** A file to which the audit log is written. */
export interface AuditFile {
  /** Its full path. */
  readonly file: string;
  /** What the operator calls the setting that names it. */
  readonly setting: string;
  /** Appends a line in one write, and on a line of its own; a file that was rotated away is opened anew. Throws where it cannot. */
  write(line: string): void;
}

/**
 * Opens the file of the audit log. `log` is told of links: who may set one decides where the trace goes.
 *
 * @throws Refused where it cannot be written, or where others may write to it.
 */
export function openAuditFile(file: string, setting: string, log: (line: string) => void): AuditFile {
  let open: { readonly descriptor: number; readonly stats: Stats } | undefined;

  function reopen(): number {
    if (open !== undefined) closeSync(open.descriptor);
    open = undefined;
    // Opening a pipe that nobody reads would never return.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new Error("it is no ordinary file");
    const descriptor = openSync(file, "a+", 0o600);
    const stats = fstatSync(descriptor);
    const fault = othersMayWrite(stats);
    if (fault !== undefined) {
      closeSync(descriptor);
      throw new Untrusted(fault);
    }
    if (lstatSync(file).isSymbolicLink()) log(`the audit log ${file} is a link to ${realpathSync(file)}`);
    if (stats.nlink > 1) log(`the audit log ${file} has ${stats.nlink} names (hard links)`);
    open = { descriptor, stats };
    return descriptor;
  }

  /** True where the last record was cut off, by a full disk or a kill. */
  function isTorn(descriptor: number): boolean {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== newline;
  }

  function descriptorOfNow(): number {
    const now = statSync(file, { throwIfNoEntry: false });
    const same = now?.ino === open?.stats.ino && now?.dev === open?.stats.dev && now?.mode === open?.stats.mode;
    return same && open !== undefined ? open.descriptor : reopen();
  }

  if (!isAbsolute(file)) {
    throw new Refused(
      `${setting}: ${JSON.stringify(file)} is no full path, and hosts start this server anywhere: name one such as /var/log/nomad-mcp.log.`,
    );
  }
  try {
    reopen();
  } catch (error) {
    if (error instanceof Untrusted) throw new Refused(`${setting}: ${file} proves nothing: ${error.message}.`);
    throw new Refused(
      `${setting}: ${file} cannot be written (${reason(error)}). Name a file in a directory that this user may write to, or unset it.`,
    );
  }
  return {
    file,
    setting,
    write(line) {
      const descriptor = descriptorOfNow();
      const bytes = Buffer.from(isTorn(descriptor) ? `\n${line}` : line);
      const written = writeSync(descriptor, bytes);
      if (written < bytes.length) throw new Error("only a part of the line could be written: is the disk full?");
    },
  };
}

const newline = 0x0a;

class Untrusted extends Error {}

/** Why a file is no trace to rely on; undefined where only its owner, who is this user or root, may write to it. */
function othersMayWrite({ mode, uid }: Stats): string | undefined {
  // Windows has no such mode.
  if (process.platform === "win32") return undefined;
  if ((mode & 0o022) !== 0) return "others may write to it (chmod go-w takes that from them)";
  return uid === 0 || uid === process.getuid?.() ? undefined : "it belongs to another user";
}

/** Why a file could not be written, in a word or a sentence. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.code}` : error.message;
}
