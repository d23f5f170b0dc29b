import { settingsTable } from "../../src/settings/table.ts";
import type { Setting, SettingKey } from "../../src/settings/types.ts";

/** What package.json says, which everything that is published takes from there. */
export interface About {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
  /** The name in the MCP registry; the owner in it is who publishes. */
  readonly mcpName: string;
}

/** How people see it named. */
export const title = "HashiCorp Nomad";

/** Who stands as its author where one is asked for: as LICENSE has it. */
export const author = { name: "nomad-mcp contributors" };

/** The settings of some keys, in the order of these. */
export function settingsOf(keys: readonly SettingKey[]): Setting[] {
  return keys.map((key) => {
    const found = settingsTable.find((setting) => setting.key === key);
    if (found === undefined) throw new Error(`${key} is no setting`);
    return found;
  });
}

/** What a setting means, as a sentence of its own: without the commands that heed it. */
export function meaning({ help }: Setting): string {
  const text = help.replace(/^(?:bridge|check|serve)(?:, \w+)*: /, "");
  return /^\w+:/.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
