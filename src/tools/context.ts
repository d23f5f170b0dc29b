import type { Transport } from "../api/connect/connection.ts";
import type { Library } from "../library/library.ts";
import type { Call, Shape, Tool, Toolset } from "../mcp/tool.ts";
import type { NomadClient } from "../nomad-client.ts";
import type { SettingKey } from "../settings/types.ts";

/** What a tool of this server works with: the call, and the cluster seen from the namespace that the call is about. */
export interface Context extends Call {
  /** Bound to the call's namespace: the argument, else the setting, else `default`. */
  readonly nomad: NomadClient;
  /** How the cluster is reached. */
  readonly transport: Pick<Transport, "address" | "proxy" | "describeTls">;
  /** Whether values of Nomad variables may be shown. */
  readonly showVariables: boolean;
  /** The name of the cluster. */
  readonly cluster: string;
  /** The team's job files, where the settings say where they are. */
  readonly library?: Library | undefined;
  /** Who calls, on a server of many: who is said to have made a commit. */
  readonly author?: string | undefined;
  /** What the operator calls a setting of the cluster. */
  settingName(key: SettingKey): string;
}

/** Checks a tool's parameters against its `run`. */
export function defineTool<S extends Shape>(tool: Tool<S, Context>): Tool<S, Context> {
  return tool;
}

/** Tools of one noun, or of one purpose, that are switched on together. */
export function defineToolset(toolset: Toolset<Context>): Toolset<Context> {
  return toolset;
}
