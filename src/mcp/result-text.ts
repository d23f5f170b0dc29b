import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

/** The text of a tool's answer. */
export function textOf({ content }: CallToolResult): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
