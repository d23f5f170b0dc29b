import { Refusal } from "../api/errors/refusal.ts";
import type { Write } from "./settings.ts";

/** A place where job files are kept: a folder of this machine, or a repository of which the server keeps a copy. */
export interface Source {
  /** The first part of the addresses of its files. */
  readonly name: string;
  /** The most that may be done to its files. */
  readonly write: Write;
  /** The files whose path in it a pattern fits, sorted. What a link leads to is left out. */
  list(patterns: readonly string[]): Promise<readonly string[]>;
  /**
   * The text of a file in it.
   *
   * @throws Refusal where there is none, it is larger than {@link largest} or no text, or a link leads out of the place.
   */
  read(path: string): Promise<string>;
  /** What git knows of it; undefined where it is in no checkout. */
  history(): Promise<History | undefined>;
  /** The folder, where its files may be changed. */
  readonly folder?: string;
}

/** A commit. */
export interface Commit {
  /** 40 hexadecimal digits. */
  readonly id: string;
  readonly author: string;
  /** When it was made: ms since the epoch. */
  readonly time: number;
  /** The first line of what its author said, as they wrote it. */
  readonly subject: string;
}

/** What git knows of the files of a place. */
export interface History {
  /** The commit whose files these are, or from which a checkout was changed. */
  readonly head: Commit;
  readonly branch: string | undefined;
  /**
   * The last commit that changed each of these files, as far back as was looked: those that are not in it were changed
   * before, or never committed.
   */
  lastChanges(paths: readonly string[]): Promise<ReadonlyMap<string, Commit>>;
  /** Whether a file is in the commit as it is now, when it is looked at. */
  isCommitted(path: string): Promise<boolean>;
  /** Why these are not the newest, as a sentence. */
  readonly trouble?: string | undefined;
}

/** Bytes: as much as Nomad takes as the source of a job. */
export const largest = 1_048_576;

/** The text of a file's bytes. `address` names it. @throws Refusal where it is too large, or no text. */
export function textOf(bytes: Uint8Array, address: string): string {
  if (bytes.byteLength > largest) throw tooLarge(address, bytes.byteLength);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`${address} is no text in UTF-8.`);
  }
}

/** That a file is not read for its size in bytes. */
export function tooLarge(address: string, size: number): Refusal {
  return new Refusal(
    `${address} has ${Math.ceil(size / 1_048_576)} MB: files of more than 1 MB are not read, since Nomad takes none.`,
  );
}

/** Of a file that is not there nothing is read. @throws what else is wrong with it. */
export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** That there is no such file. */
export function noFile(address: string): Refusal {
  return new Refusal(`${address}: there is no such file.`);
}

/**
 * A path in a place, in its plainest form: no dots, no doubled slashes.
 *
 * @throws Refusal where it would lead out of it.
 */
export function plainPath(path: string, address: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) throw leadsOut(address);
    } else parts.push(part);
  }
  if (parts.length === 0 || path.startsWith("/") || /[\0\\]/.test(path)) throw leadsOut(address);
  return parts.join("/");
}

/** That something outside of a place is not read or written. */
export function leadsOut(address: string): Refusal {
  return new Refusal(`${address} leads out of the library: nothing outside of it is read or written.`);
}
