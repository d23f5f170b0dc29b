import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import { unseal } from "../text/sealed.ts";
import { realFile } from "./folder.ts";
import { digestOf } from "./library.ts";
import { leadsOut, plainPath, type Source, textOf } from "./source.ts";

/** A text that takes the place of another. */
export interface Saving {
  readonly source: Source;
  readonly path: string;
  /** The digest of the text that the file must have; undefined: there must be none. */
  readonly before: string | undefined;
  readonly text: string;
}

/**
 * Writes a file as a whole: whoever reads it meanwhile has the old text or the new one. A link is followed as far as it stays in
 * the folder.
 *
 * @throws Refusal where the file is not as it was read, leads out of the folder, or the place may not be written.
 */
export async function save({ source, path, before, text }: Saving): Promise<void> {
  const address = `${source.name}/${path}`;
  if (source.write === "off" || source.folder === undefined) throw notWritable(source);
  const file =
    before === undefined
      ? await newFile(source.folder, path, address)
      : await realFile(source.name, source.folder, path);
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(unseal(text));
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
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `${address} cannot be written: ${error instanceof Error ? error.message : error}. Nothing was changed.`,
    );
  }
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
