import { Refusal } from "../../../api/errors/refusal.ts";
import type { Library } from "../../../library/library.ts";
import type { Commit, History, Source } from "../../../library/source.ts";
import { unseal } from "../../../text/sealed.ts";
import type { KeptJob } from "./kept-jobs.ts";

/** What git knows of a place; undefined also where that cannot be read: what is in its files can be told without. */
export async function historyOf(source: Source): Promise<History | undefined> {
  try {
    return await source.history();
  } catch (error) {
    if (error instanceof Refusal || isGits(error)) return undefined;
    throw error;
  }
}

/** Whether it is a fault that git has with what it reads, such as a repository of a format that it does not know. */
function isGits(error: unknown): boolean {
  return error instanceof Error && "caller" in error && String(error.caller).startsWith("git.");
}

/** Why what is read of some places is not what is there now, as sentences. */
export async function staleOf({ sources }: Library): Promise<string[]> {
  const histories = await Promise.all(sources.map(historyOf));
  return histories.flatMap((history) => history?.trouble ?? []);
}

/** What git knows of a place, and the last commit of some of its files, by their path. */
export interface Changes {
  readonly history: History | undefined;
  readonly last: ReadonlyMap<string, Commit>;
}

/** What git knows of the files of a page, by their place. */
export async function changesOf(rows: readonly KeptJob[]): Promise<ReadonlyMap<Source, Changes>> {
  const sources = [...new Set(rows.map(({ file }) => file.source))];
  const known = sources.map(async (source) => {
    const history = await historyOf(source);
    const paths = rows.filter(({ file }) => file.source === source).map(({ file }) => unseal(file.path));
    return [source, { history, last: (await history?.lastChanges(paths)) ?? new Map() }] as const;
  });
  return new Map(await Promise.all(known));
}
