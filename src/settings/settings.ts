import { Refusal } from "../api/errors/refusal.ts";
import { nearest } from "../text/nearest.ts";
import { all, some } from "../text/words.ts";
import { checkCluster } from "./checks.ts";
import { findFile } from "./file.ts";
import { findValue, readFlags } from "./sources.ts";
import { settingsTable, tomlKey } from "./table.ts";
import type {
  ClusterSettings,
  Environment,
  Flags,
  NetworkSettings,
  Setting,
  SettingKey,
  Settings,
  SettingsFile,
  SettingValue,
  Sources,
} from "./types.ts";

/** A setting that is not at its default, for people who ask where it came from. */
export interface Origin {
  /** The cluster, where it belongs to one. */
  readonly cluster?: string;
  readonly setting: Setting;
  /** As it is shown: what is secret is only said to be set. */
  readonly value: string;
  /** The flag, the variable or the file. */
  readonly from: string;
}

/** What was read, the words of the command line that are no settings, and what the operator should be told. */
export interface ReadSettings {
  readonly settings: Settings;
  /** For a server on the network. */
  readonly network: NetworkSettings;
  readonly rest: readonly string[];
  readonly notices: readonly string[];
  readonly origins: readonly Origin[];
  /** The settings file, where there is one. */
  readonly file?: SettingsFile;
}

/** The settings of this start, the file included. @throws Refusal as {@link readSettings}, and where the file is not right. */
export async function loadSettings(argv: readonly string[], env: Environment): Promise<ReadSettings> {
  return readSettings(argv, env, await findFile(readFlags(argv).flags, env));
}

/**
 * Settings from flags, else the environment, else the file, else the defaults. Words from the first one that is no flag on
 * are left in `rest`, except the flags of the table, which may stand anywhere before `--`.
 *
 * Where the file has several clusters, each has only what stands in its own table: a variable that is meant for one of
 * them, a token least of all, must not reach another.
 *
 * @throws Refusal with one line that names the setting and the cure.
 */
export function readSettings(argv: readonly string[], env: Environment, file?: SettingsFile): ReadSettings {
  const { flags, rest } = readFlags(argv);
  refuseUnknown(env);
  const notices = [...(file?.notices ?? [])];
  const reader = createReader({ flags, env, file, notices });
  const session = reader.read(["session", "start"], undefined);
  const serving = reader.read(["network"], undefined);
  const tables = file?.clusters ?? [];
  const several = tables.length > 1;
  if (several) notices.push(...unused(flags, env, file));
  const names = tables.length > 0 ? tables : ["default"];
  const clusters = names.map((name) => {
    const kinds: Setting["of"][] = ["cluster", "both"];
    const own = reader.read(kinds, { name, named: tables.length > 0, alone: !several });
    // The table of settings has a value of the right kind for each key, which the compiler cannot follow.
    const cluster = { name, ...own.values, settingName: own.settingName } as unknown as ClusterSettings;
    checkCluster(cluster);
    return cluster;
  });
  const [first, ...others] = defaultFirst(clusters, session.values.cluster, session.settingName("cluster"));
  if (first === undefined) throw new Error("there is always a cluster");
  const { cluster: _, config: __, ...values } = session.values;
  const readOnly = clusters.every((cluster) => cluster.readOnly);
  const settings = {
    ...{ ...values, readOnly, clusters: [first, ...others] },
    ...(file?.section("library") !== undefined && { library: { section: file.section("library"), place: file.place } }),
    settingName: (key: SettingKey) =>
      key === "readOnly" || key === "namespaces" ? first.settingName(key) : session.settingName(key),
  } as unknown as Settings;
  const network = { ...serving.values, settingName: serving.settingName } as unknown as NetworkSettings;
  return { settings, network, rest, notices, origins: reader.origins, ...(file && { file }) };
}

/** A cluster whose settings are read. */
interface Place {
  readonly name: string;
  /** It has a table of its own in the file. */
  readonly named: boolean;
  /** Flags and variables are about it. */
  readonly alone: boolean;
}

type Values = Readonly<Record<string, SettingValue["value"]>>;

function createReader({ flags, env, file, notices }: Sources & { readonly notices: string[] }) {
  const origins: Origin[] = [];

  /** All settings of some kinds, with what the operator calls each. */
  function read(kinds: readonly Setting["of"][], place: Place | undefined) {
    const found = new Map<string, SettingValue>();
    const all = settingsTable.filter(({ of }) => kinds.includes(of));
    for (const setting of all) {
      const own = place?.named ? file?.at(["clusters", place.name], setting) : undefined;
      const given = valueFor(setting, place, own);
      if (given === undefined) continue;
      found.set(setting.key, given);
      const cluster = place && { cluster: place.name };
      origins.push({ ...cluster, setting, value: setting.secret ? "set" : String(given.value), from: given.from });
    }
    const values: Record<string, SettingValue["value"]> = {};
    for (const [key, { value }] of found) values[key] = value;
    // A call that names no namespace must not end outside of those that may be touched.
    const [home] = Array.isArray(values.namespaces) ? values.namespaces : [];
    if (typeof home === "string") values.namespace ??= home;
    for (const { key, kind, default: usual } of all) {
      if (usual !== undefined) values[key] ??= usualValue(kind, usual);
    }
    return {
      values: values as Values,
      settingName: (key: SettingKey) => found.get(key)?.name() ?? settable(key, place),
    };
  }

  function valueFor(
    setting: Setting,
    place: Place | undefined,
    own: SettingValue | undefined,
  ): SettingValue | undefined {
    const sources = { flags, env, file };
    if (setting.of === "both") return stricter(findValue(setting, sources, undefined, notices), own);
    if (place === undefined || place.alone) return findValue(setting, sources, own, notices);
    return own;
  }

  return { read, origins };
}

function usualValue(kind: Setting["kind"], usual: string): SettingValue["value"] {
  if (kind === "switch") return usual === "true";
  if (kind === "number") return Number(usual);
  return kind === "list" ? usual.split(",") : usual;
}

/** What is allowed in a cluster is what both the session and the cluster's own table allow. */
function stricter(session: SettingValue | undefined, own: SettingValue | undefined): SettingValue | undefined {
  if (session === undefined || own === undefined) return own ?? session;
  if (!Array.isArray(own.value)) return session.value === true ? session : own;
  const common = own.value.filter((name) => Array.isArray(session.value) && session.value.includes(name));
  if (common.length > 0) return { ...own, value: common };
  throw new Refusal(`${own.name()} and ${session.name()} have no name in common, so that nothing could be touched.`);
}

/** Where a setting could be set. */
function settable(key: SettingKey, place: Place | undefined): string {
  const setting = settingsTable.find((each) => each.key === key);
  if (setting === undefined) return key;
  const inFile = place?.named && !place.alone && setting.of !== "session";
  return inFile ? `clusters.${place.name}.${tomlKey(setting)}` : (setting.env ?? `--${setting.flag}`);
}

function defaultFirst(clusters: readonly ClusterSettings[], wanted: unknown, setting: string): ClusterSettings[] {
  if (typeof wanted !== "string") return [...clusters];
  const chosen = clusters.find(({ name }) => name === wanted);
  if (chosen !== undefined) return [chosen, ...clusters.filter((cluster) => cluster !== chosen)];
  const names = clusters.map(({ name }) => name);
  const near = nearest(wanted, names);
  throw new Refusal(
    `${setting}: there is no cluster ${JSON.stringify(wanted.slice(0, 80))}${near ? `; the nearest is ${near}` : ""}. There is ${all(names)}.`,
  );
}

/** What is said of variables that are meant for one cluster, where there are several. @throws Refusal for such a flag. */
function unused(flags: Flags, env: Environment, file: SettingsFile | undefined): string[] {
  const one = settingsTable.filter(({ of }) => of === "cluster");
  const flag = one.find((setting) => flags[setting.flag] !== undefined);
  if (flag !== undefined) {
    throw new Refusal(
      `--${flag.flag} is about one cluster, and ${file?.path} has several: set ${tomlKey(flag)} in the table of the one that is meant.`,
    );
  }
  const set = one.flatMap(({ env: name }) => (name !== undefined && env[name] ? [name] : []));
  if (set.length === 0) return [];
  return [`${all(set)} not used: ${file?.path} has several clusters, each with settings of its own`];
}

/** A misspelt variable of ours must not go unnoticed: a session that is thought to be read-only would not be. */
function refuseUnknown(env: Environment): void {
  const ours = settingsTable.flatMap(({ env: name }) => (name?.startsWith("NOMAD_MCP_") ? [name] : []));
  const [wrong] = Object.keys(env).filter((name) => name.startsWith("NOMAD_MCP_") && env[name] && !ours.includes(name));
  if (wrong === undefined) return;
  const near = nearest(wrong, ours);
  throw new Refusal(`${wrong} is no setting; ${near ? `the nearest is ${near}` : `there is ${some(ours, 20)}`}.`);
}
