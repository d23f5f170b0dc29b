import { settingsTable } from "../../src/settings/table.ts";
import type { Setting } from "../../src/settings/types.ts";
import { type About, meaning, title } from "./about.ts";

/** server.json, with which the MCP registry lists the package and where a team's server is (schema 2025-12-11). */
export function serverJson(about: About) {
  const { mcpName, name, version } = about;
  return {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: mcpName,
    title,
    description: "Operate HashiCorp Nomad: what is wrong and why; plan a change, submit it, watch it, take it back.",
    version,
    packages: [
      {
        registryType: "npm",
        identifier: name,
        version,
        runtimeHint: "npx",
        transport: { type: "stdio" },
        environmentVariables: settingsTable.filter(({ help }) => !help.startsWith("serve:")).flatMap(variable),
      },
    ],
    // Each team runs its own (docs/deploy.md).
    remotes: [
      {
        type: "streamable-http",
        url: "https://{host}/mcp",
        variables: {
          host: {
            description: "Host of your team's nomad-mcp server, with its port if it is not 443",
            placeholder: "nomad-mcp.example.com",
            isRequired: true,
          },
        },
        headers: [
          {
            name: "Authorization",
            description: "The key that those who run the server gave you",
            value: "Bearer {key}",
            isRequired: true,
            isSecret: true,
            variables: { key: { description: "It starts with nmcp_", isRequired: true, isSecret: true } },
          },
        ],
      },
    ],
  };
}

function variable(setting: Setting) {
  const { env, kind, path, secret, values, default: usual } = setting;
  if (env === undefined) return [];
  return [
    {
      name: env,
      description: meaning(setting),
      isRequired: false,
      isSecret: secret === true,
      format: kind === "switch" ? "boolean" : kind === "number" ? "number" : path === undefined ? "string" : "filepath",
      ...(usual !== undefined && { default: usual }),
      ...(values !== undefined && { choices: values }),
    },
  ];
}
