import { settingsTable } from "../settings/table.ts";
import { table } from "../text/table.ts";
import { version } from "../version.ts";
import { print } from "./print.ts";

const commands = [
  ["nomad-mcp", "speak MCP over stdin and stdout (what an MCP host starts)"],
  [
    "nomad-mcp call TOOL key=value ... [--json]",
    "run one tool once and print its answer, or with --json text and facts; key=@file reads a file; or --args '{...}'",
  ],
  ["nomad-mcp serve", "serve MCP over HTTP, and REST, to many: one server for a team"],
  ["nomad-mcp key new NAME [ROLE] [YYYY-MM-DD]", "make a key for serve, printed once; the file of keys gets its hash"],
  ["nomad-mcp check", "where the settings came from, whether the cluster is reached, what the token may do"],
  [
    "nomad-mcp bridge URL",
    "speak MCP over stdin and stdout for a nomad-mcp server at https://host/mcp (what a host starts that knows no such servers)",
  ],
  [
    "nomad-mcp check URL",
    "whether that server is reached and takes the key: certificates, name, role, protocol revision, or what is wrong",
  ],
  [
    "nomad-mcp tools [--format claude|rest|openapi|json] [--url U]",
    "what is offered, for people or in a format for programs; --url is where they find the server",
  ],
  [
    "nomad-mcp setup claude-desktop|claude-code|vscode|cursor [--name N] [--write]",
    "the host's configuration with this machine's paths and the settings in force; --write merges it into the host's file",
  ],
  ["nomad-mcp tour", "the workflow, on an embedded demo cluster"],
] as const;

export function printHelp(): void {
  const settings = settingsTable.map(({ flag, noFlag, env, kind, help, default: usual }) => [
    noFlag ? "" : `  --${flag}${kind === "switch" ? "" : " VALUE"}`,
    env ?? "",
    `${help}${usual && usual !== "false" ? ` (default ${usual})` : ""}`,
  ]);
  print(`nomad-mcp ${version}: an MCP server for HashiCorp Nomad\n`);
  print(
    `${table(
      ["Commands", ""],
      commands.map(([command, does]) => [`  ${command}`, does]),
    )}\n`,
  );
  print(table(["Settings (a flag wins over its variable, and that over the settings file)", "", ""], settings));
}

export function printVersion(): void {
  print(version);
}
