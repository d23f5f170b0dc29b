import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "../api/errors/refusal.ts";
import { logLine } from "../log.ts";
import { type Entry, entryFor, type HostEntry } from "../setup/entry.ts";
import { type Host, hosts, type Machine } from "../setup/hosts.ts";
import { changeOf } from "../setup/write.ts";
import { all } from "../text/words.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";
import { reach } from "./reach.ts";

/**
 * `nomad-mcp setup HOST [--name NAME] [--write]`: a host's configuration with this machine's paths and the settings in force, on
 * stdout; or merged into the host's file, what changes shown first. What else there is to know goes to stderr.
 */
export const run: Command = async (read, words) => {
  const { host, name, write } = readWords(words);
  const { settings } = read;
  // What could not be used by the bridge is refused now.
  if (settings.server !== undefined && !settings.demo) reach(settings.server, settings, process.env);
  const machine = thisMachine();
  const entry = entryFor(host, read, machine);
  const file = host.file(machine);
  if (write) return writeTo(file, host, name, entry);
  const { shown, inputs } = entry;
  print(JSON.stringify({ ...(inputs.length > 0 && { inputs }), [host.servers]: { [name]: slim(shown) } }, null, 2));
  say(`for ${file}; the same command with --write puts it there`);
  for (const line of [...secretNotes(host, entry), ...otherWays(host, name, entry, machine)]) say(line);
  return 0;
};

function writeTo(file: string, host: Host, name: string, entry: HostEntry): number {
  const change = changeOf(file, host, name, entry);
  if (change.diff === "") {
    say(`${change.file} has this already: nothing was changed`);
    return 0;
  }
  print(change.diff);
  const copy = change.write();
  say(`${change.file} written${copy === undefined ? "" : `; what was there is in ${copy}`}`);
  for (const line of secretNotes(host, entry)) say(line);
  if (change.open && host.secretsBy === "file" && entry.secrets.length > 0) {
    say(`others on this machine may read it: chmod 600 ${change.file}`);
  }
  say(`now ${host.next.replace("NAME", name)}`);
  return 0;
}

function readWords(words: readonly string[]) {
  const options = { name: { type: "string", default: "nomad" }, write: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [wanted, ...others] = positionals;
  const host = wanted !== undefined && Object.hasOwn(hosts, wanted) ? hosts[wanted] : undefined;
  if (host === undefined || others.length > 0) {
    throw new Refusal(`setup needs one host: ${all(Object.keys(hosts), "or")}.`);
  }
  if (!/^[a-zA-Z0-9_-]{1,40}$/.test(values.name)) {
    throw new Refusal(`--name ${JSON.stringify(values.name)}: letters, digits, dash and underscore, 40 at most.`);
  }
  return { host, name: values.name, write: values.write };
}

function thisMachine(): Machine {
  const program = realpathSync(process.argv[1] ?? "");
  const starter = join(dirname(dirname(program)), "bin", "run-mcp-server.sh");
  return {
    env: process.env,
    platform: process.platform,
    folder: process.cwd(),
    node: process.execPath,
    program,
    ...(existsSync(starter) && { starter }),
  };
}

/** Without what says nothing. */
function slim({ args, env, ...rest }: Entry): object {
  return { ...rest, ...(args.length > 0 && { args }), ...(Object.keys(env).length > 0 && { env }) };
}

/** Settings that name a file with the secret. */
const fileInPlaceOf: Readonly<Record<string, string>> = {
  NOMAD_TOKEN: "NOMAD_MCP_TOKEN_FILE",
  NOMAD_MCP_KEY: "NOMAD_MCP_KEY_FILE",
};

function secretNotes({ title, secretsBy }: Host, { secrets }: HostEntry): string[] {
  if (secrets.length === 0) return [];
  const names = all(secrets);
  const files = secrets.flatMap((name) => fileInPlaceOf[name] ?? []);
  const better = files.length > 0 ? `; ${all(files)} would name a file in its place` : "";
  const notes: Readonly<Record<Host["secretsBy"], string>> = {
    asking: `${names}: ${title} asks for it once, and keeps it`,
    file: `${names}: not shown here; --write puts it into the file in clear${better}`,
    shell: `${names}: not written, since ${title} hands on the variables of the shell that it is started from`,
  };
  return [notes[secretsBy]];
}

/** What does the same: a command of the host, or an address that it opens. */
function otherWays(host: Host, name: string, { shown, inputs, secrets }: HostEntry, machine: Machine): string[] {
  const env = Object.fromEntries(
    Object.entries(shown.env).filter(([key]) => inputs.length > 0 || !secrets.includes(key)),
  );
  const entry = slim({ ...shown, env });
  const link = host.link?.(name, entry, inputs);
  const isCode = host === hosts["claude-code"] && machine.platform !== "win32";
  const quoted = JSON.stringify(entry).replaceAll("'", `'\\\\''`);
  return [
    ...(link === undefined ? [] : [`or open ${link}`]),
    ...(isCode ? [`or run claude mcp add-json --scope user ${name} '${quoted}'`] : []),
  ];
}

function say(text: string): void {
  process.stderr.write(logLine(text));
}
