import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type picomatch from "picomatch";
import { tokenFile } from "../api/connect/renewed.ts";
import type { CertificateSettings } from "../api/connect/settings.ts";
import { Refusal } from "../api/errors/refusal.ts";
import type { Environment } from "../settings/types.ts";
import { nearest } from "../text/nearest.ts";
import { seal, sealBlock, unseal } from "../text/sealed.ts";
import { all, plural, some } from "../text/words.ts";
import { openFolder, refuseLinks } from "./folder.ts";
import type { LibrarySettings, RepositorySettings } from "./settings.ts";
import { plainPath, type Source } from "./source.ts";

/** The job files of a team, wherever they are kept. */
export interface Library {
  readonly settings: LibrarySettings;
  readonly sources: readonly Source[];
  /** Whether there are places that the role does not see. */
  readonly isPart: boolean;
  /** What a role leaves of it. */
  only(names: readonly string[] | undefined, mayWrite: boolean): Library;
  /** Every file that may be a job file, by address, and why a place could not be read. */
  list(): Promise<Listing>;
  /**
   * The file of an address, or of the end of one that no other has.
   *
   * @throws Refusal with the nearest or all that are meant, where there is no such file or several.
   */
  find(address: string): Promise<KeptFile>;
  /**
   * The file of an address that need not be there yet.
   *
   * @throws Refusal where it is in no place of the library, no pattern fits it, or a link is on the way.
   */
  place(address: string): Promise<KeptFile>;
  /** Reads a file. @throws Refusal as {@link Source.read}. */
  read(file: KeptFile): Promise<Content>;
  /** The files with values for the variables of a job file in a cluster; a later one wins. */
  variablesOf(file: KeptFile, cluster: string): Promise<readonly VariableText[]>;
}

/** A file of a library. */
export interface KeptFile {
  /** What it is called by: the name of its place, and its path there. */
  readonly address: string;
  readonly source: Source;
  readonly path: string;
}

/** What a file holds. */
export interface Content {
  /** Sealed: people wrote it. */
  readonly text: string;
  /** Stands for the text: another one where the text is another. */
  readonly digest: string;
}

/** The files of a library as they are now. */
export interface Listing {
  readonly files: readonly KeptFile[];
  /** What could not be looked at, and why, in sentences. */
  readonly troubles: readonly string[];
}

/** A file with values for the variables of a job file. */
export interface VariableText {
  readonly address: string;
  /** tfvars text, sealed. */
  readonly text: string;
}

/** What a library is opened with, beside its settings. */
export interface Opening {
  /** The CAs that repositories are trusted by, beside the system's. */
  readonly authorities: Pick<CertificateSettings, "caCert" | "caPath">;
  readonly env: Environment;
  now?(): number;
}

/** Opens a library: nothing is read or fetched yet. @throws Refusal where a file of its settings cannot be read. */
export async function openLibrary(settings: LibrarySettings, opening: Opening): Promise<Library> {
  const { default: match } = await import("picomatch");
  const folders = settings.folders.map((folder) => openFolder(folder, settings.write));
  const repositories = await Promise.all(settings.repositories.map((each) => repositoryOf(each, opening)));
  return createLibrary(settings, [...folders, ...repositories], match);
}

async function repositoryOf(
  settings: RepositorySettings,
  { authorities, env, now = Date.now }: Opening,
): Promise<Source> {
  const [{ connect }, { openRepository }, { gitHttp }] = await Promise.all([
    import("../api/connect/connection.ts"),
    import("./repository.ts"),
    import("./git-http.ts"),
  ]);
  const at = `library.repositories ${settings.name}`;
  const transport = await connect(
    { ...authorities, address: new URL(settings.url).origin, systemCa: true, skipVerify: false },
    { env, peer: { name: `The repository ${settings.name}`, machine: "where it is kept" } },
  );
  const token = settings.tokenFile === undefined ? () => undefined : tokenFile(settings.tokenFile, `${at} token_file`);
  return openRepository(settings, { cache: cacheFolder(env), http: gitHttp(transport), token, now });
}

/** Where each platform keeps what can be made again. */
function cacheFolder(env: Environment): string {
  const folder = join("nomad-mcp", "library");
  if (process.platform === "win32" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, folder);
  if (process.platform === "darwin" && env.HOME) return join(env.HOME, "Library", "Caches", folder);
  const usual = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, ".cache"));
  return join(usual || tmpdir(), folder);
}

function createLibrary(
  settings: LibrarySettings,
  sources: readonly Source[],
  match: typeof picomatch,
  isPart = false,
): Library {
  const rules = settings.variables.map((rule) => ({ ...rule, fits: match(rule.jobFiles) }));

  async function list(): Promise<Listing> {
    const each = await Promise.all(
      sources.map(async (source) => {
        try {
          const paths = await source.list(settings.files);
          return {
            files: paths.map((path): KeptFile => ({ address: addressOf(source, path), source, path: seal(path) })),
          };
        } catch (error) {
          if (error instanceof Refusal) return { files: [], trouble: error.message };
          throw error;
        }
      }),
    );
    return {
      files: each.flatMap(({ files }) => files),
      troubles: each.flatMap(({ trouble }) => trouble ?? []),
    };
  }

  async function read({ source, path }: KeptFile): Promise<Content> {
    const text = await source.read(unseal(path));
    return { text: sealBlock(text), digest: digestOf(text) };
  }

  return {
    settings,
    sources,
    isPart,
    only(names, mayWrite) {
      const left = sources.filter(({ name }) => names?.includes(name) ?? true);
      return createLibrary(
        settings,
        mayWrite ? left : left.map((source) => ({ ...source, write: "off" as const })),
        match,
        isPart || left.length < sources.length,
      );
    },
    list,
    async find(given) {
      const { files, troubles } = await list();
      const plain = unseal(given).normalize();
      const same = ({ address }: KeptFile) => unseal(address).normalize() === plain;
      const ends = ({ address }: KeptFile) => unseal(address).normalize().endsWith(`/${plain}`);
      const exact = files.find(same);
      if (exact !== undefined) return exact;
      const meant = files.filter(ends);
      const [one] = meant;
      if (one !== undefined && meant.length === 1) return one;
      throw one === undefined ? unknown(given, files, troubles) : ambiguous(given, meant);
    },
    async place(given) {
      const { source, path } = placed(sources, given);
      if (!match([...settings.files])(path)) {
        throw new Refusal(`${given} is no name of a job file here: ${all(settings.files, "or")}. Nothing was changed.`);
      }
      if (source.folder !== undefined) await refuseLinks(source.name, source.folder, path);
      return { address: addressOf(source, path), source, path: seal(path) };
    },
    read,
    async variablesOf(file, cluster) {
      const addresses = rules
        .filter(({ fits, clusters }) => fits(unseal(file.address)) && (clusters?.includes(cluster) ?? true))
        .flatMap(({ varFiles }) => varFiles);
      return await Promise.all(addresses.map(async (address) => ({ address, text: await readAt(sources, address) })));
    },
  };
}

/** The text of a file that need not be a job file. @throws Refusal where there is none. */
async function readAt(sources: readonly Source[], address: string): Promise<string> {
  const { source, path } = placed(sources, address);
  return sealBlock(await source.read(path));
}

/** The place of an address, and the path there. @throws Refusal where there is no such place. */
function placed(sources: readonly Source[], address: string): { readonly source: Source; readonly path: string } {
  const [name = "", ...rest] = unseal(address).split("/");
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return { source, path: plainPath(rest.join("/"), address) };
  throw new Refusal(
    `${address}: there is no ${seal(name)} in the library, but ${all(sources.map((each) => each.name))}.`,
  );
}

const addressOf = (source: Source, path: string) => seal(`${source.name}/${path}`);

/** Stands for a text, in 12 hexadecimal digits. */
export function digestOf(text: string): string {
  return createHash("sha256").update(unseal(text)).digest("hex").slice(0, 12);
}

function unknown(given: string, files: readonly KeptFile[], troubles: readonly string[]): Refusal {
  const names = files.map(({ address }) => address);
  const holding = names.filter((address) => unseal(address).includes(unseal(given)));
  const near = nearest(given, names);
  const words =
    holding.length > 0
      ? `; there is ${some(holding, 5)}`
      : near !== undefined
        ? `; the nearest is ${near}`
        : names.length > 0
          ? `; there is ${some(names, 10)}`
          : "; there are none";
  return new Refusal([`There is no job file ${given} in the library${words}.`, ...troubles].join(" "));
}

function ambiguous(given: string, meant: readonly KeptFile[]): Refusal {
  const names = meant.map(({ address }) => address);
  return new Refusal(`${given} is the name of ${plural(meant.length, "file")}: say which of ${some(names, 10)}.`);
}
