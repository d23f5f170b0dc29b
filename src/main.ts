import { Console } from "node:console";
import type { Command } from "./commands/command.ts";
import { logLine } from "./log.ts";
import { loadSettings } from "./settings/settings.ts";

// stdout is the protocol: what a library prints by mistake goes to stderr. Made when it is used, which a start does not do.
let console: Console | undefined;
Object.defineProperty(globalThis, "console", {
  configurable: true,
  get: () => {
    console ??= new Console({ stdout: process.stderr, stderr: process.stderr });
    return console;
  },
});

/** The commands; each is loaded when it is the one. */
const commands: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  bridge: () => import("./commands/bridge.ts"),
  call: () => import("./commands/call.ts"),
  check: () => import("./commands/check.ts"),
  key: () => import("./commands/key.ts"),
  setup: () => import("./commands/setup.ts"),
  serve: () => import("./commands/serve.ts"),
  tools: () => import("./commands/tools.ts"),
  tour: () => import("./commands/tour.ts"),
};

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes("--help") || argv[0] === "help") return (await import("./commands/help.ts")).printHelp();
  if (argv.includes("--version")) return (await import("./commands/help.ts")).printVersion();
  // Whatever the environment says of a cluster is not about the tour's own.
  const read = await loadSettings(argv, argv[0] === "tour" ? {} : process.env);
  const bridged = read.settings.server !== undefined && !read.settings.demo;
  const [name = bridged ? "bridge" : undefined, ...words] = read.rest;
  if (name === undefined) return (await import("./server.ts")).serve(read.settings, read.notices);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    // A value behind it may be a secret.
    throw new Error(
      `unknown ${name.startsWith("-") ? "flag" : "command"} ${JSON.stringify(name.split("=", 1)[0])}: see nomad-mcp --help`,
    );
  }
  process.exitCode = await (await command()).run(read, words);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(logLine(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
});
