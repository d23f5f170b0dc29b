import { parseArgs } from "node:util";
import { openSession, type Session } from "../session.ts";
import type { Settings } from "../settings/types.ts";
import { table } from "../text/table.ts";
import { all } from "../text/words.ts";
import { claudeApi, claudeTools } from "../transports/http/claude-documents.ts";
import { openApi } from "../transports/http/openapi.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

type Definitions = Session["toolbox"]["definitions"];

/** The formats for programs. `url`: where they are to find the server. @throws Error where one needs it and it is not given. */
const formats: Readonly<Record<string, (tools: Definitions, settings: Settings, url?: string) => unknown>> = {
  json: (tools) => ({ tools }),
  claude: (tools) => claudeTools(tools),
  openapi: (tools, _, url) => openApi(tools, url),
  rest(tools, { clusters: [{ namespace }] }, url) {
    if (url === undefined) throw new Error("--format rest needs --url, the address of the server that programs call");
    return claudeApi(tools, { url, namespace });
  },
};

/**
 * `nomad-mcp tools [--format claude|rest|openapi|json] [--url U]`: what this session would offer to a host, for people, or in a
 * format for programs.
 */
export const run: Command = async ({ settings }, words) => {
  const { format, url } = readWords(words);
  const { toolbox, release } = await openSession(settings);
  const { definitions } = toolbox;
  await release();
  print(format === undefined ? listed(definitions) : JSON.stringify(format(definitions, settings, url), null, 2));
  return 0;
};

function readWords(words: readonly string[]) {
  const options = { json: { type: "boolean" }, format: { type: "string" }, url: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  if (positionals[0] !== undefined) throw new Error(`tools takes no ${JSON.stringify(positionals[0])}`);
  const name = values.json ? "json" : values.format;
  if (name !== undefined && !Object.hasOwn(formats, name)) {
    throw new Error(`--format ${JSON.stringify(name)} is not ${all(Object.keys(formats), "or")}`);
  }
  return { format: name === undefined ? undefined : formats[name], url: values.url };
}

function listed(definitions: Definitions): string {
  const rows = definitions.map(({ name, description = "" }) => [name, description.split(/(?<=\.) /, 1)[0] ?? ""]);
  return table(["tool", "what it gives"], rows);
}
