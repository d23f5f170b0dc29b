import { constants } from "node:fs";
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import { seal } from "../text/sealed.ts";
import type { FolderSettings, Write } from "./settings.ts";
import { type History, largest, leadsOut, noFile, plainPath, type Source, textOf, tooLarge } from "./source.ts";

/** What is not looked into: git's own, packages of other programs, and what is hidden. */
const ignored = (name: string) => name.startsWith(".") || name === "node_modules";
/** So many files and folders are looked at: more are no place for job files alone. */
const mostEntries = 100_000;

/** A folder of this machine. It need not be there yet. */
export function openFolder({ name, path: folder }: FolderSettings, write: Write): Source {
  return {
    name,
    write,
    folder,
    async list(patterns) {
      const { default: match } = await import("picomatch");
      const fits = match([...patterns]);
      const found: string[] = [];
      for await (const path of filesBelow(await realFolder(name, folder))) if (fits(path)) found.push(path);
      return found.sort();
    },
    async read(path) {
      const address = `${name}/${path}`;
      const file = await open(await realFile(name, folder, path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      try {
        const { size } = await file.stat();
        if (size > largest) throw tooLarge(address, size);
        return textOf(await file.readFile(), address);
      } finally {
        await file.close();
      }
    },
    async history(): Promise<History | undefined> {
      const { checkoutHistory } = await import("./checkout.ts");
      return await checkoutHistory(await realFolder(name, folder));
    },
  };
}

/** The files below a folder, by their paths in it. Links are not followed, so that none leads out or in a circle. */
async function* filesBelow(root: string): AsyncGenerator<string> {
  const folders = [""];
  let left = mostEntries;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (left-- === 0) throw new Refusal(`${root} has more than 100,000 files: name the folder of the job files.`);
      if (ignored(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) yield path;
    }
  }
}

/** Where a file of a folder really is. @throws Refusal where there is none, or a link leads out of the folder. */
export async function realFile(name: string, folder: string, path: string): Promise<string> {
  const address = `${name}/${path}`;
  const root = await realFolder(name, folder);
  let real: string;
  try {
    real = await realpath(join(root, plainPath(path, address)));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw noFile(address);
  }
  if (!real.startsWith(root + sep)) throw leadsOut(address);
  return real;
}

/** That a file's path in a folder goes through no link. @throws Refusal where a part of it is one, wherever that leads. */
export async function refuseLinks(name: string, folder: string, path: string): Promise<void> {
  const parts = path.split("/");
  for (let count = 1; count <= parts.length; count++) {
    const part = parts.slice(0, count).join("/");
    const found = await lstat(join(folder, part)).catch(() => undefined);
    if (found?.isSymbolicLink()) {
      throw new Refusal(
        `${seal(`${name}/${part}`)} is a link, and nothing is written through one: name the file that it leads to, where that is in the library. Nothing was changed.`,
      );
    }
  }
}

async function realFolder(name: string, folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    throw new Refusal(
      `The folder ${name} of the library cannot be read: ${folder} is not there, or not for this server.`,
    );
  }
}
