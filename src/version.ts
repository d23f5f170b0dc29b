declare const __NOMAD_MCP_VERSION__: string | undefined;

/** The version of package.json, put in by the build; a run from source has none. */
export const version = typeof __NOMAD_MCP_VERSION__ === "string" ? __NOMAD_MCP_VERSION__ : "0.0.0-source";
