import type { Setting, SettingKey } from "../../src/settings/types.ts";
import { type About, author, meaning, settingsOf, title } from "./about.ts";
import { orders } from "./orders.ts";

/** What the built server offers: the answers to tools/list and prompts/list. */
export interface Offer {
  readonly tools: readonly { readonly name: string; readonly description?: string }[];
  readonly prompts: readonly { readonly name: string; readonly description?: string }[];
}

/** What Claude Desktop asks for when the bundle is installed, how it calls that, and what it says of it where that is not what the table of settings has. */
const asked: Readonly<Partial<Record<SettingKey, readonly [title: string, says?: string]>>> = {
  address: ["Nomad address"],
  token: ["Nomad ACL token", "A token of its own, with the policy that its tools need"],
  namespace: ["Namespace"],
  caCert: ["CA certificate"],
  clientCert: ["Client certificate"],
  clientKey: ["Key of the client certificate"],
  readOnly: ["Read only"],
  server: [
    "A team's nomad-mcp server",
    "https://host/mcp; reached in place of a Nomad, and what stands above is not used",
  ],
  accessKey: ["Key for that server", "What those who run the server gave you; it starts with nmcp_"],
  serverCa: ["CA certificate of that server"],
};

/** The manifest of the bundle (MCPB, manifest version 0.3; docs/facts/mcp.md §8). The program is `server/nomad-mcp.js` in it. */
export async function mcpbManifest(about: About, { tools, prompts }: Offer) {
  const settings = settingsOf(Object.keys(asked) as SettingKey[]);
  const told = await orders((argument) => `\${arguments.${argument}}`);
  const offered = told.filter(({ prompt }) => prompts.some(({ name }) => name === prompt.name));
  return {
    manifest_version: "0.3",
    name: about.name,
    display_name: title,
    version: about.version,
    description: about.description,
    author,
    license: about.license,
    keywords: about.keywords,
    icon: "icon.png",
    server: {
      type: "node",
      entry_point: "server/nomad-mcp.js",
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/server/nomad-mcp.js`],
        env: Object.fromEntries(settings.map((setting) => [setting.env, `\${user_config.${keyOf(setting)}}`])),
      },
    },
    // Settings may offer others.
    tools: tools.map(({ name, description = "" }) => ({ name, description })),
    tools_generated: true,
    prompts: offered.map(({ prompt: { name, description, arguments: args }, text }) => ({
      ...{ name, description, text },
      arguments: args.filter(({ required }) => required).map((argument) => argument.name),
    })),
    prompts_generated: true,
    compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: about.engines.node } },
    user_config: Object.fromEntries(settings.map((setting) => [keyOf(setting), option(setting)])),
  };
}

function keyOf({ flag }: Setting): string {
  return flag.replaceAll("-", "_");
}

/** Each has a default: what is left blank would else arrive as its own placeholder (docs/facts/mcp.md §8). */
function option(setting: Setting) {
  const { key, kind, path, secret, default: usual } = setting;
  const [label, says = meaning(setting)] = asked[key] ?? [setting.flag];
  const blank = usual === undefined || kind === "switch" ? "" : `; ${usual} where blank`;
  return {
    type: kind === "switch" ? "boolean" : path === "folder" ? "directory" : (path ?? "string"),
    title: label,
    description: `${says}${blank}`,
    required: false,
    ...(secret && { sensitive: true }),
    default: kind === "switch" ? usual === "true" : "",
  };
}
