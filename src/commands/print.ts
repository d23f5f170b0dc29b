import { show } from "../text/sealed.ts";

// A reader that has seen enough (`nomad-mcp tools | head`) ends the program, not with a stack trace.
process.stdout.on("error", () => process.exit(0));

/** Prints for people and scripts. Only commands that do not speak MCP may: elsewhere stdout is the protocol. */
export function print(text: string): void {
  process.stdout.write(`${show(text)}\n`);
}
