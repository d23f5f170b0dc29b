import { withoutSecrets } from "../api/connect/address.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { reachTable } from "../settings/reach-table.ts";
import type { ReadSettings } from "../settings/settings.ts";
import { settingOf } from "../settings/table.ts";
import type { Setting } from "../settings/types.ts";
import { type Host, type Machine, pathOf } from "./hosts.ts";

/** What a host starts: full paths, and a variable for each setting that is in force now. */
export interface Entry {
  readonly type?: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a host asks a person for. */
interface Input {
  readonly type: "promptString";
  readonly id: string;
  readonly description: string;
  readonly password: true;
}

/** An entry as a host takes it. */
export interface HostEntry {
  /** As it is shown: in the place of a secret that would stand in it is a placeholder, which counts as not set. */
  readonly shown: Entry;
  /** As it is written. */
  readonly written: Entry;
  readonly inputs: readonly Input[];
  /** The variables that are secret. */
  readonly secrets: readonly string[];
}

/** Variables of other programs that this one heeds. */
const alsoHeeded = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/** @throws Refusal where what would be started may be gone tomorrow. */
export function entryFor(host: Host, read: ReadSettings, machine: Machine): HostEntry {
  const { env, secrets } = variables(read, machine);
  const started = { ...(host.typed && { type: "stdio" as const }), ...program(read, machine) };
  const secretTexts = (text: (name: string) => string | undefined) =>
    Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => {
        const told = secrets.includes(name) ? text(name) : value;
        return told === undefined ? [] : [[name, told]];
      }),
    );
  const ways: Readonly<Record<Host["secretsBy"], (name: string) => string | undefined>> = {
    asking: (name) => `\${input:${idOf(name)}}`,
    file: (name) => `\${${name}}`,
    shell: () => undefined,
  };
  const shown = { ...started, env: secretTexts(ways[host.secretsBy]) };
  return {
    shown,
    written: host.secretsBy === "file" ? { ...started, env } : shown,
    inputs: host.secretsBy === "asking" ? secrets.map(inputFor) : [],
    secrets,
  };
}

function program({ settings }: ReadSettings, { platform, node, program: script, starter }: Machine) {
  if (/[\\/]_npx[\\/]/.test(script)) {
    throw new Refusal(
      "This runs from npx's cache, which npm may empty at any time: install the program (npm install -g nomad-mcp) and run nomad-mcp setup again.",
    );
  }
  const args = settings.demo ? ["--demo"] : [];
  return starter !== undefined && platform !== "win32"
    ? { command: starter, args }
    : { command: node, args: [script, ...args] };
}

/** The settings in force, as variables. A bridge heeds only how its server is reached. */
function variables(read: ReadSettings, machine: Machine) {
  const { settings, file, origins } = read;
  const bridged = settings.server !== undefined && !settings.demo;
  const values: Readonly<Record<string, unknown>> = { ...settings, ...settings.clusters[0] };
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  const put = (name: string, value: string, secret: boolean) => {
    env[name] = value;
    if (secret) secrets.push(name);
  };
  for (const { setting, value, from } of origins) {
    const { env: name, key, path, secret = false } = setting;
    // What stands in the file is read from there again.
    if (name === undefined || from === file?.path || setting.of === "network") continue;
    if (setting.key === "config" || reachTable.includes(setting) !== bridged) continue;
    const held = secret ? String(values[key]) : value;
    put(name, path ? fullPath(held, machine) : held, secret || withoutSecrets(held) !== held);
  }
  if (file !== undefined && !bridged) put(configVariable(), fullPath(file.path, machine), false);
  for (const name of alsoHeeded) {
    const value = machine.env[name];
    if (value) put(name, value, withoutSecrets(value) !== value);
  }
  return { env, secrets };
}

/** A host does not look where this process does, nor in the folder where it was started. */
function configVariable(): string {
  const { env, flag }: Setting = settingOf("config");
  return env ?? flag;
}

function fullPath(path: string, machine: Machine): string {
  const { resolve, join } = pathOf(machine);
  const home = machine.env.HOME ?? machine.env.USERPROFILE;
  if (path === "-") return path;
  return path.startsWith("~/") && home ? join(home, path.slice(2)) : resolve(machine.folder, path);
}

function inputFor(name: string): Input {
  return { type: "promptString", id: idOf(name), description: `${name} of nomad-mcp`, password: true };
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}
