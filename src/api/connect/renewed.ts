import { readFileSync, statSync } from "node:fs";
import { Refusal } from "../errors/refusal.ts";

/** A value that was made from files, and is made again when they change. */
export interface Renewed<T> {
  /** The value of the files as they are, or were a moment ago; the last good one while they hold nothing usable. */
  current(): T;
  /** Looks at the files at once. True where `current` gives another value than before. */
  renew(): boolean;
  /** Why the files as they are now cannot be used; undefined while they can, or where nobody looked since. */
  trouble(): string | undefined;
}

/** How files are watched. */
export interface Watching {
  /** The files are looked at once in this many ms at most, and only when somebody asks for the value. */
  readonly every?: number;
  /** ms on a clock that never goes back. */
  readonly now?: () => number;
  /** Told of each change, once: why it cannot be used; undefined where it is. */
  readonly changed?: (trouble: string | undefined) => void;
}

/**
 * Reads a value from `files` now, and again when one of them changed (what it is on disk: inode, size, times). A change
 * that cannot be read, such as a certificate whose key is not there yet, leaves the value as it is and is tried again
 * at the next look, since it is most likely half of a change.
 *
 * `read` must look at nothing but `files`, and give a new object each time.
 *
 * @throws what `read` throws the first time.
 */
export function renewed<T>(files: () => readonly string[], read: () => T, watching: Watching = {}): Renewed<T> {
  const { every = 1_000, now = () => performance.now(), changed } = watching;
  // The stamp is taken before the files are read: what changes meanwhile is seen at the next look.
  let seen = stamp(files);
  let value = read();
  let looked = now();
  let trouble: string | undefined;

  function renew(): boolean {
    looked = now();
    const found = stamp(files);
    if (found === seen) {
      trouble = undefined;
      return false;
    }
    try {
      value = read();
    } catch (error) {
      const before = trouble;
      trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== before) changed?.(trouble);
      return false;
    }
    seen = found;
    trouble = undefined;
    changed?.(undefined);
    return true;
  }

  return {
    current() {
      if (now() - looked >= every) renew();
      return value;
    },
    renew,
    trouble: () => trouble,
  };
}

/** What the files are on disk, followed through links; one that is not there has a stamp, too. */
function stamp(files: () => readonly string[]): string {
  try {
    return files().map(stampOf).join("\n");
  } catch (error) {
    return reason(error);
  }
}

function stampOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return `${file} missing`;
  // The change time sees what a copy that keeps the modification time would hide.
  return `${file} ${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

/** A file's text. @throws Refusal that names the setting and the file. */
export function readSettingFile(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refusal(`${setting}: the file ${file} cannot be read (${reason(error)}).`);
  }
}

/** Why a file could not be read, in a word: `ENOENT`. */
export function reason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/**
 * The ACL token in a file, read again when it changes: Nomad itself writes and renews such files (workload identities).
 *
 * @throws Refusal where the file cannot be read now, or holds no token; its content is never quoted.
 */
export function tokenFile(file: string, setting: string, watching: Watching = {}): () => string {
  const read = () => {
    const token = readSettingFile(setting, file).trim();
    if (token === "") throw new Refusal(`${setting}: the file ${file} is empty.`);
    if (!/^[\x21-\x7e]{1,16384}$/.test(token)) {
      throw new Refusal(
        `${setting}: the file ${file} holds no token (one line without spaces, nothing else, at most 16,384 characters).`,
      );
    }
    return { token };
  };
  const source = renewed(() => [file], read, watching);
  return () => source.current().token;
}
