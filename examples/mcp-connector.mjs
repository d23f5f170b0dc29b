// Asks Claude about a cluster. The API itself calls the tools: it connects to the server of nomad-mcp over MCP, so the server
// has to be reached from the internet by https. Nobody is asked between the calls: use a key whose role is read-only.
//
//   npm install @anthropic-ai/sdk
//   export ANTHROPIC_API_KEY=... MCP_URL=https://nomad-mcp.example MCP_KEY=nmcp_...
//   node mcp-connector.mjs "Is anything wrong on the cluster?"

import Anthropic from "@anthropic-ai/sdk";

const { MCP_URL = "https://nomad-mcp.example", MCP_KEY, MODEL = "claude-sonnet-5-5" } = process.env;
const [question = "Is anything wrong on the cluster?"] = process.argv.slice(2);

const anthropic = new Anthropic();
const messages = [{ role: "user", content: question }];
let message;
do {
  message = await anthropic.beta.messages.create({
    ...{ model: MODEL, max_tokens: 4096, messages },
    betas: ["mcp-client-2025-11-20"],
    mcp_servers: [{ type: "url", name: "nomad", url: `${MCP_URL}/mcp`, authorization_token: MCP_KEY }],
    tools: [{ type: "mcp_toolset", mcp_server_name: "nomad" }],
  });
  messages.push({ role: "assistant", content: message.content });
  // The API pauses a long turn; it goes on when it gets its own words back.
} while (message.stop_reason === "pause_turn");
for (const block of message.content) if (block.type === "text") process.stdout.write(`${block.text}\n`);
