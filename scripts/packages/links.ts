import type { About } from "./about.ts";

/** Links that open VS Code and Cursor and have them add the published package, for pages on which only https is let through. */
export function installLinks({ name }: About): string {
  const entry = { command: "npx", args: ["-y", name] };
  const code = new URLSearchParams({ name: "nomad", config: JSON.stringify({ type: "stdio", ...entry }) });
  const cursor = new URLSearchParams({
    name: "nomad",
    config: Buffer.from(JSON.stringify(entry)).toString("base64"),
  });
  return [
    `- [Install in VS Code](https://vscode.dev/redirect/mcp/install?${code})`,
    `- [Install in Cursor](https://cursor.com/en/install-mcp?${cursor})`,
    "",
    "They were not tried, and lead nowhere before the package is published.",
  ].join("\n");
}
