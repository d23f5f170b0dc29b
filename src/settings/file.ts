import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import { nearest } from "../text/nearest.ts";
import { some } from "../text/words.ts";
import { isLeftOver, oneOf, toList, toNumber } from "./sources.ts";
import { settingOf, settingsTable, tomlKey } from "./table.ts";
import { inside, isTable, readToml, type Table, tomlParser } from "./toml.ts";
import type { Environment, Flags, Setting, SettingsFile, SettingValue } from "./types.ts";

/** The file that a flag or variable names, else the one in the usual place, if it is there. @throws Refusal as {@link readFile}. */
export async function findFile(flags: Flags, env: Environment): Promise<SettingsFile | undefined> {
  for (const [given, from] of [
    [flags.config, "--config"],
    [env.NOMAD_MCP_CONFIG, "NOMAD_MCP_CONFIG"],
  ] as const) {
    if (given && !isLeftOver(settingOf("config"), given.trim(), from)) return await readFile(given.trim(), from);
  }
  const usual = usualPlace(env, process.platform);
  return usual !== undefined && existsSync(usual) ? await readFile(usual, "the settings file") : undefined;
}

/** Where each platform keeps such files; undefined where the environment has no home. */
export function usualPlace(env: Environment, platform: NodeJS.Platform): string | undefined {
  const file = join("nomad-mcp", "config.toml");
  if (platform === "win32") return env.APPDATA ? join(env.APPDATA, file) : undefined;
  if (!env.HOME) return undefined;
  if (platform === "darwin") return join(env.HOME, "Library", "Application Support", file);
  return join(env.XDG_CONFIG_HOME || join(env.HOME, ".config"), file);
}

/**
 * Reads a settings file. `from`: what the operator calls the setting that names it.
 *
 * @throws Refusal with the place, and without quoting the line, where the file cannot be read, is no TOML, or has a key
 *   that is no setting.
 */
export async function readFile(given: string, from: string): Promise<SettingsFile> {
  const path = given.startsWith("~/") ? join(homedir(), given.slice(2)) : given;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Refusal(`${from}: ${path} is no file.`);
  const { root, place } = readToml(path, from, await tomlParser());
  const clusters = clusterNames(root, place);
  checkKeys(root, clusters, place);
  return {
    path,
    clusters,
    notices: notices(path, root, clusters),
    section: (name) => root[name],
    place,
    at(table, setting) {
      const key = tomlKey(setting);
      const value = key === undefined ? undefined : inside(root, table)[key];
      if (key === undefined || value === undefined) return undefined;
      const keys = [...table, key];
      const name = () => `${place(keys)} ${keys.join(".")}`;
      return { value: ofKind(setting, value, name), from: path, name };
    },
  };
}

function ofKind(setting: Setting, value: unknown, name: () => string): SettingValue["value"] {
  if (setting.kind === "switch") {
    if (typeof value === "boolean") return value;
    throw new Refusal(`${name()} must be true or false.`);
  }
  if (setting.kind === "list") {
    // One of a few words, as most people have it, may stand as it is.
    const given = setting.values !== undefined && typeof value === "string" ? [value] : value;
    const names = Array.isArray(given) ? given : [];
    const texts = names.filter((name) => typeof name === "string");
    if (!Array.isArray(given) || texts.length < names.length) {
      throw new Refusal(`${name()} must be a list of names, such as ["one", "two"].`);
    }
    return toList(setting, texts, name());
  }
  if (setting.kind === "number") return toNumber(value, name());
  if (typeof value !== "string" || value === "") throw new Refusal(`${name()} must be a text, such as "x".`);
  return oneOf(setting, value, name());
}

function clusterNames(root: Table, place: (keys: readonly string[]) => string): string[] {
  if (root.clusters === undefined) return [];
  if (!isTable(root.clusters)) throw new Refusal(`${place(["clusters"])} clusters must be tables: [clusters.prod].`);
  const names = Object.keys(root.clusters);
  if (names.length === 0)
    throw new Refusal(`${place(["clusters"])} clusters has none: add a table such as [clusters.prod].`);
  for (const name of names) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)) {
      const shown = JSON.stringify(name.slice(0, 80));
      throw new Refusal(
        `${place(["clusters"])}: ${shown} cannot name a cluster: letters, digits, dot, dash and underscore.`,
      );
    }
    if (!isTable(root.clusters[name])) {
      throw new Refusal(`${place(["clusters", name])} clusters.${name} must be a table: [clusters.${name}].`);
    }
  }
  return names;
}

/** @throws Refusal for a key that is no setting, or not one of the table in which it stands. */
function checkKeys(root: Table, clusters: readonly string[], place: (keys: readonly string[]) => string): void {
  const keysOf = (...kinds: Setting["of"][]) =>
    settingsTable.filter(({ of }) => kinds.includes(of)).flatMap((setting) => tomlKey(setting) ?? []);
  const ofCluster = keysOf("cluster", "both");
  const session = keysOf("session", "both", "network");
  const outside = clusters.length > 0 ? session : [...session, ...ofCluster];
  const tables = [
    { at: [] as string[], known: [...new Set(outside), "clusters", "roles", "keys", "library"] },
    ...clusters.map((name) => ({ at: ["clusters", name], known: ofCluster })),
  ];
  for (const { at, known } of tables) {
    for (const key of Object.keys(inside(root, at))) {
      if (known.includes(key)) continue;
      throw new Refusal(`${place([...at, key])} ${[...at, key].join(".")} ${unknownKey(key, at, known, ofCluster)}`);
    }
  }
}

function unknownKey(
  key: string,
  at: readonly string[],
  known: readonly string[],
  ofCluster: readonly string[],
): string {
  if (at.length === 0 && ofCluster.includes(key)) {
    return "is about one cluster: put it into the table of the cluster that is meant.";
  }
  const near = nearest(key, known);
  return `is no setting${at.length > 0 ? " of a cluster" : ""}; ${near ? `the nearest is ${near}` : `there is ${some(known, 30)}`}.`;
}

/** A file with a token in it is for its owner's eyes. */
function notices(path: string, root: Table, clusters: readonly string[]): string[] {
  const secrets = settingsTable.filter(({ secret }) => secret).flatMap((setting) => tomlKey(setting) ?? []);
  const tables = [root, ...clusters.map((name) => inside(root, ["clusters", name]))];
  const held = tables.some((table) => secrets.some((key) => table[key] !== undefined));
  // Windows has no such mode.
  const open = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  return held && open ? [`${path} holds a secret and others may read it: chmod 600 ${path}`] : [];
}
