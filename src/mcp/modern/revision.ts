import { protocol } from "../protocol.data.ts";

/** The revision in which each request says itself who asks and what they can, and none depends on another: see docs/facts/mcp.md §1.6. */
export const modern = "2026-07-28";

/** The revisions that are spoken, the newest first. */
export const spoken: readonly string[] = [modern, ...[...protocol.supported].sort().reverse()];

/** Where requests and results of the revision say of themselves what others had a session for, in `_meta`. */
export const metaKeys = {
  revision: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  client: "io.modelcontextprotocol/clientInfo",
  server: "io.modelcontextprotocol/serverInfo",
  subscription: "io.modelcontextprotocol/subscriptionId",
} as const;

/** Its errors beside those of JSON-RPC. */
export const modernErrors = { headerMismatch: -32020, unsupportedRevision: -32022 } as const;
