import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import { unseal } from "../text/sealed.ts";
import { realFile } from "./folder.ts";
import { inTurn } from "./in-turn.ts";
import { digestOf } from "./library.ts";
import { absent, leadsOut, plainPath, type Source, textOf } from "./source.ts";

/** A text that takes the place of another. */
export interface Saving {
  readonly source: Source;
  readonly path: string;
  /** The digest of the text that the file must have; undefined: there must be none. */
  readonly before: string | undefined;
  readonly text: string;
}

/** A file that was saved. */
export interface Saved {
  /** Makes it what it was before, unless somebody has changed it since. */
  undo(): Promise<void>;
}

/**
 * Writes a file as a whole: whoever reads it meanwhile has the old text or the new one. Of several calls for one file the first
 * is done, and the others find another text than they have read.
 *
 * @throws Refusal where the file is not as it was read, leads out of the folder, or the place may not be written.
 */
export async function save({ source, path, before, text }: Saving): Promise<Saved> {
  const address = `${source.name}/${path}`;
  const { folder } = source;
  if (source.write === "off" || folder === undefined) throw notWritable(source);
  const place = async () =>
    before === undefined ? await newFile(folder, path, address) : await realFile(source.name, folder, path);
  const file = await place().catch((error: unknown) => {
    throw unwritten(address, error);
  });
  const whole = unseal(text);
  return await inTurn(file, async () => {
    const old = before === undefined ? undefined : await readFile(file).catch(absent);
    await put(file, address, before, whole);
    return {
      undo: () =>
        inTurn(file, async () => {
          if (old !== undefined) return await put(file, address, digestOf(whole), old);
          if ((await digestNow(file, address)) === digestOf(whole)) await rm(file, { force: true });
        }),
    };
  });
}

/** Puts a text into a file that has the digest `before`. */
async function put(file: string, address: string, before: string | undefined, text: string | Buffer): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (before !== undefined) await chmod(temporary, (await stat(file)).mode);
    // Looked at last: what another program writes between here and the next line is lost, as with every editor.
    if ((await digestNow(file, address)) !== before) throw changedMeanwhile(address);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritten(address, error);
  }
}

function unwritten(address: string, error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const why = error instanceof Error ? error.message : error;
  return new Refusal(`${address} cannot be written: ${why}. Nothing was changed.`);
}

/** That a place is for reading alone. */
export function notWritable({ name, folder, write }: Source): Refusal {
  const why =
    folder === undefined
      ? "it is a copy of a repository: a change goes there through a checkout"
      : write === "off"
        ? 'write = "on" in [library] of the settings file allows it, where your role does'
        : "it cannot be written";
  return new Refusal(`The files of ${name} may not be changed: ${why}. Nothing was changed.`);
}

/** That a file is another one than the call was about. */
export function changedMeanwhile(address: string): Refusal {
  return new Refusal(`${address} was changed since it was read: read it again. Nothing was changed.`);
}

async function digestNow(file: string, address: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    return digestOf(textOf(await handle.readFile(), address));
  } finally {
    await handle.close();
  }
}

/** Where a file is to be that is not there yet; the folders above it are made, none of them behind a link that leads out. */
async function newFile(folder: string, path: string, address: string): Promise<string> {
  const root = await realpath(folder);
  const parts = plainPath(path, address).split("/");
  let at = root;
  for (const part of parts.slice(0, -1)) {
    at = join(at, part);
    await mkdir(at).catch(() => undefined);
    at = await realpath(at);
    if (!at.startsWith(root + sep)) throw leadsOut(address);
  }
  return join(at, parts.at(-1) ?? "");
}
