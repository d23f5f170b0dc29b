import { openSession } from "../session.ts";
import { table } from "../text/table.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

/** `nomad-mcp tools [--json]`: what this session would offer to a host. */
export const run: Command = async ({ settings }, words) => {
  const unknown = words.find((word) => word !== "--json");
  if (unknown !== undefined) throw new Error(`tools takes no ${JSON.stringify(unknown)}, only --json`);
  const { toolbox, release } = await openSession(settings);
  const rows = toolbox.definitions.map(({ name, description = "" }) => [
    name,
    description.split(/(?<=\.) /, 1)[0] ?? "",
  ]);
  print(
    words.length > 0 ? JSON.stringify({ tools: toolbox.definitions }, null, 2) : table(["tool", "what it gives"], rows),
  );
  await release();
  return 0;
};
