import { basename, isAbsolute } from "node:path";
import * as z from "zod";
import { Refusal } from "../api/errors/refusal.ts";
import { readTable, type TableSource } from "../settings/tables.ts";

/** Where job files live, and what may be done with them: the table `[library]` of the settings file, checked. */
export interface LibrarySettings {
  readonly folders: readonly FolderSettings[];
  readonly repositories: readonly RepositorySettings[];
  /** Patterns of the paths of job files in each of them. */
  readonly files: readonly string[];
  readonly variables: readonly VariableFiles[];
  /** Whether files in folders may be changed, and whether that is committed where the folder is in a checkout. */
  readonly write: Write;
  /** Whether file and commit are put into the meta of a job that is submitted from a file. */
  readonly meta: boolean;
}

/** What may be done to the files of a place: nothing, change them, or change and commit them. */
export type Write = "off" | "on" | "commit";

/** A folder of this machine. */
export interface FolderSettings {
  /** The first part of its files' addresses. */
  readonly name: string;
  /** A full path. */
  readonly path: string;
}

/** A git repository of which the server keeps a copy. */
export interface RepositorySettings {
  readonly name: string;
  /** https://, or http:// on this machine. */
  readonly url: string;
  /** The default branch where it is not said. */
  readonly branch?: string | undefined;
  /** The folder in it that counts; all of it where it is not said. */
  readonly path?: string | undefined;
  /** File with the token that opens it, read again when it changes. */
  readonly tokenFile?: string | undefined;
  /** ms between two looks at the branch. */
  readonly pull: number;
}

/** The files with values for the variables of some job files. */
export interface VariableFiles {
  /** Pattern of the addresses of the job files. */
  readonly jobFiles: string;
  /** Only in these clusters; in every one where it is not said. */
  readonly clusters?: readonly string[] | undefined;
  /** Addresses of the files, the later one winning. */
  readonly varFiles: readonly string[];
}

/** As teams name them. `*.hcl` counts where a job is in it. */
const usualFiles = ["**/*.nomad.hcl", "**/*.nomad", "**/*.hcl", "**/*.nomad.json"];

const texts = z.array(z.string().min(1)).min(1, "must name one at least, or be left out");
const name = z.string().regex(/^[\w][\w.-]{0,62}$/, "letters, digits, dot, dash and underscore");

const section = z.strictObject({
  folders: texts.optional(),
  repositories: z
    .array(
      z.strictObject({
        name,
        url: z.string(),
        branch: z.string().min(1).optional(),
        path: z.string().min(1).optional(),
        token_file: z.string().min(1).optional(),
        pull: z
          .string()
          .regex(/^[1-9]\d{0,4}[smh]$/, 'must be a time such as "5m"')
          .default("5m"),
      }),
    )
    .optional(),
  files: texts.default(usualFiles),
  variables: z
    .array(z.strictObject({ job_files: z.string().min(1), clusters: texts.optional(), var_files: texts }))
    .default([]),
  write: z.enum(["off", "on", "commit"]).default("off"),
  meta: z.boolean().default(false),
});

/**
 * The library of a settings file; undefined where it has none. `clusters`: the names of those that there are.
 *
 * @throws Refusal with the place, where something of it is not right.
 */
export function readLibrary(
  given: unknown,
  source: TableSource,
  clusters: readonly string[],
): LibrarySettings | undefined {
  const read = readTable("library", given, section, source);
  if (read === undefined) return undefined;
  const wrong = (key: string, words: string) =>
    new Refusal(`${source.place(["library", key])} library.${key} ${words}.`);
  const relative = read.folders?.find((path) => !isAbsolute(path));
  if (relative !== undefined) throw wrong("folders", `must be full paths, and ${JSON.stringify(relative)} is none`);
  if (!read.folders && !read.repositories) throw wrong("folders", "is missing: name one, or a repository");
  for (const { url } of read.repositories ?? []) checkUrl(url, (words) => wrong("repositories", words));
  const stray = read.variables.flatMap((each) => each.clusters ?? []).find((each) => !clusters.includes(each));
  if (stray !== undefined) throw wrong("variables", `names a cluster that there is not: ${JSON.stringify(stray)}`);
  const repositories = (read.repositories ?? []).map(({ token_file: tokenFile, pull, ...each }) => {
    return { ...each, tokenFile, pull: duration(pull) };
  });
  const names = repositories.map((each) => each.name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw wrong("repositories", `has two of the name ${twice}`);
  return {
    folders: named(read.folders ?? [], names),
    repositories,
    files: read.files,
    variables: read.variables.map((each) => {
      return { jobFiles: each.job_files, clusters: each.clusters, varFiles: each.var_files };
    }),
    write: read.write,
    meta: read.meta,
  };
}

function checkUrl(given: string, wrong: (words: string) => Refusal): void {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined) throw wrong("has a url that is none");
  if (url.username !== "" || url.password !== "") {
    throw wrong("has a url with a password in it: put that into a file, and its path into token_file");
  }
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && isHere)) return;
  throw wrong("takes https only; of what is reached by ssh, name a checkout that is kept fresh in folders");
}

/** Folders by their last name; one that another has, too, gets a number. */
function named(paths: readonly string[], others: readonly string[]): FolderSettings[] {
  const taken = new Set(others);
  return paths.map((path) => {
    const plain = basename(path).replaceAll(/[^\w.-]/g, "-") || "root";
    let name = plain;
    for (let count = 2; taken.has(name); count++) name = `${plain}-${count}`;
    taken.add(name);
    return { name, path };
  });
}

function duration(text: string): number {
  const unit = { s: 1_000, m: 60_000, h: 3_600_000 }[text.slice(-1)] ?? 0;
  return Number(text.slice(0, -1)) * unit;
}
