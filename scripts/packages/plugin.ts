import { type About, author } from "./about.ts";
import { type Order, orders } from "./orders.ts";

/** What the plugin of Claude Code is called: its commands are `/nomad:diagnose-job` and so on. */
const pluginName = "nomad";

/** .claude-plugin/plugin.json: the package is the plugin, so that it brings the program along. */
export function pluginManifest({ version, description, license, keywords }: About) {
  return {
    name: pluginName,
    ...{ version, description, author, license, keywords },
    commands: "./plugin/commands",
    skills: "./plugin/skills",
    mcpServers: {
      [pluginName]: { command: "node", args: [`\${CLAUDE_PLUGIN_ROOT}/dist/nomad-mcp.js`] },
    },
  };
}

/** .claude-plugin/marketplace.json: a clone or a repository as the marketplace, which has the plugin from npm. */
export function marketplace({ name, version, description }: About) {
  return {
    name,
    description,
    owner: author,
    plugins: [{ name: pluginName, description, source: { source: "npm", package: name, version } }],
  };
}

/** The slash commands, one for each prompt: the text of each file by its name. */
export async function commands(): Promise<Readonly<Record<string, string>>> {
  const all = await orders(() => "$ARGUMENTS");
  return Object.fromEntries(all.map((order) => [`${order.prompt.name}.md`, commandFile(order)]));
}

function commandFile({ prompt, text }: Order): string {
  const hint = prompt.arguments.filter(({ required }) => required).map(({ name }) => name);
  const head = [`description: ${prompt.description}`, ...(hint.length > 0 ? [`argument-hint: ${hint.join(" ")}`] : [])];
  return `---\n${head.join("\n")}\n---\n\n${text}\n`;
}
