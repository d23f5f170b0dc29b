import { posix, win32 } from "node:path";
import { Refusal } from "../api/errors/refusal.ts";
import type { Environment } from "../settings/types.ts";

/** How a secret gets to the server that a host starts. */
type SecretsBy =
  /** It stands in the host's file. */
  | "file"
  /** The host hands on the variables of the shell that started it (docs/facts/mcp.md §8). */
  | "shell"
  /** The host asks a person once, and keeps it. */
  | "asking";

/** An MCP host whose configuration is known here. */
export interface Host {
  readonly title: string;
  /** The key under which its file has the servers. */
  readonly servers: "mcpServers" | "servers";
  readonly secretsBy: SecretsBy;
  /** The kind of transport stands in each entry. */
  readonly typed: boolean;
  /** What a person does once the file is changed. */
  readonly next: string;
  /** @throws Refusal where the environment does not tell where its file is. */
  file(machine: Pick<Machine, "env" | "platform">): string;
  /** An address that has the host add a server. `definition`: the entry, with `name` and what is asked for. */
  link?(name: string, entry: object, inputs: readonly object[]): string;
}

/** What is true of this machine. */
export interface Machine {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Relative paths of settings are from here. */
  readonly folder: string;
  /** The Node that runs this program, and the program: full paths. */
  readonly node: string;
  readonly program: string;
  /** What starts the program from a clone, where it is one that has such a script. */
  readonly starter?: string;
}

/** The hosts by the names that people give. Only Claude Code was tried; of the others their manuals were read. */
export const hosts: Readonly<Record<string, Host>> = {
  "claude-desktop": {
    title: "Claude Desktop",
    servers: "mcpServers",
    secretsBy: "file",
    typed: false,
    next: "quit Claude Desktop and start it again",
    file: (machine) => applicationFile(machine, "Claude", "claude_desktop_config.json"),
  },
  "claude-code": {
    title: "Claude Code",
    servers: "mcpServers",
    secretsBy: "shell",
    typed: true,
    next: "`claude mcp get NAME` says whether it is connected",
    file: (machine) =>
      machine.env.CLAUDE_CONFIG_DIR
        ? pathOf(machine).join(machine.env.CLAUDE_CONFIG_DIR, ".claude.json")
        : homeFile(machine, ".claude.json"),
  },
  vscode: {
    title: "VS Code",
    servers: "servers",
    secretsBy: "asking",
    typed: true,
    next: "start the server from the list of MCP servers in VS Code",
    file: (machine) => applicationFile(machine, "Code", "User", "mcp.json"),
    link: (name, entry, inputs) =>
      `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, ...entry, ...(inputs.length > 0 && { inputs }) }))}`,
  },
  cursor: {
    title: "Cursor",
    servers: "mcpServers",
    secretsBy: "file",
    typed: false,
    next: "switch the server on in Cursor's settings, under MCP",
    file: (machine) => homeFile(machine, ".cursor", "mcp.json"),
    link: (name, entry) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(Buffer.from(JSON.stringify(entry)).toString("base64"))}`,
  },
};

/** How paths are written on a platform. */
export function pathOf({ platform }: Pick<Machine, "platform">): typeof posix {
  return platform === "win32" ? win32 : posix;
}

/** Where the platform keeps what belongs to an application. */
function applicationFile(machine: Pick<Machine, "env" | "platform">, ...names: readonly string[]): string {
  const { env, platform } = machine;
  if (platform === "win32") return win32.join(given(env, "APPDATA"), ...names);
  if (platform === "darwin") return posix.join(given(env, "HOME"), "Library", "Application Support", ...names);
  return posix.join(env.XDG_CONFIG_HOME || posix.join(given(env, "HOME"), ".config"), ...names);
}

function homeFile(machine: Pick<Machine, "env" | "platform">, ...names: readonly string[]): string {
  const home = given(machine.env, machine.platform === "win32" ? "USERPROFILE" : "HOME");
  return pathOf(machine).join(home, ...names);
}

function given(env: Environment, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Refusal(`${name} is not set, so it is not known where the host keeps its file.`);
}
