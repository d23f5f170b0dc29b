import type {
  InitializeResult,
  ListPromptsResult,
  ListResourceTemplatesResult,
  ListToolsResult,
} from "@modelcontextprotocol/sdk/types.js";

/** What a session answers its first messages with: all of it is data, so that no code has to be loaded for it. */
export interface Welcome {
  /** Without the revision, which is agreed on with the host. */
  readonly initialize: Pick<InitializeResult, "serverInfo" | "capabilities" | "instructions">;
  readonly tools: ListToolsResult;
  readonly prompts: ListPromptsResult;
  readonly resourceTemplates: ListResourceTemplatesResult;
}
