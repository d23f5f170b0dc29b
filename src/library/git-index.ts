import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import { absent } from "./source.ts";

/** So often is looked whether another program has left the index, and so many ms lie between. */
const looks = 20;
const pause = 100;

/** The index of a checkout, which no other program writes meanwhile: git's own way, by the file index.lock. */
export interface LockedIndex {
  /** Where the new one is written. */
  readonly path: string;
  /** Puts the new one in its place. */
  take(): Promise<void>;
  /** Leaves it to others, as it was where no new one was put in its place. */
  release(): Promise<void>;
}

/**
 * Takes the index of a checkout. `name`: what the checkout is called.
 *
 * @throws Refusal where another program does not leave it, or it is of a kind that is not written here.
 */
export async function lockIndex(gitdir: string, name: string): Promise<LockedIndex> {
  const path = join(gitdir, "index.lock");
  let isOurs = await made(path);
  for (let left = looks; !isOurs && left > 0; left--) {
    await new Promise((passed) => setTimeout(passed, pause));
    isOurs = await made(path);
  }
  if (!isOurs) {
    throw new Refusal(
      `Another program works in the checkout of ${name}: call again; where none does, one has left ${path} behind: remove it. Nothing was changed.`,
    );
  }
  const release = () => (isOurs ? rm(path, { force: true }) : Promise.resolve());
  const words = unwritable(await readFile(join(gitdir, "index")).catch(absent));
  if (words === undefined) {
    return {
      path,
      release,
      async take() {
        await rename(path, join(gitdir, "index"));
        isOurs = false;
      },
    };
  }
  await release();
  throw new Refusal(`The index of the checkout of ${name} ${words}. Nothing was changed.`);
}

/** Whether there is an empty file now that was not there before. */
async function made(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** What of an index no program but git itself can write, and how it becomes one that others can, too. */
function unwritable(index: Buffer | undefined): string | undefined {
  if (index === undefined || index.length < 32) return undefined;
  const version = index.readUInt32BE(4);
  if (version > 3)
    return `is of version ${version}, of which only git makes another: git update-index --index-version 2`;
  const kinds = extensions(index);
  if (kinds.includes("link")) return "is split, so that only git can write it: git update-index --no-split-index";
  if (kinds.includes("sdir"))
    return "is sparse, so that only git can write it: git sparse-checkout reapply --no-sparse-index";
  return undefined;
}

/** The names of what stands behind the entries of an index of version 2 or 3 (gitformat-index). */
function extensions(index: Buffer): string[] {
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const isExtended = (index.readUInt16BE(at + 60) & 0x4000) !== 0;
    const end = index.indexOf(0, at + (isExtended ? 64 : 62));
    at += Math.ceil((end - at + 1) / 8) * 8;
  }
  const names: string[] = [];
  for (; at + 8 <= index.length - 20; at += 8 + index.readUInt32BE(at + 4))
    names.push(index.toString("latin1", at, at + 4));
  return names;
}
