// Asks Claude about a cluster. The tools are called over REST: the SDK's tool runner passes each call on to the server of
// nomad-mcp, which only this program has to reach.
//
//   npm install @anthropic-ai/sdk
//   export ANTHROPIC_API_KEY=... MCP_URL=https://nomad-mcp.example MCP_KEY=nmcp_...
//   node rest-tools.mjs "Is anything wrong on the cluster?"

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Anthropic from "@anthropic-ai/sdk";

const { MCP_URL = "http://127.0.0.1:8000", MCP_KEY, MODEL = "claude-sonnet-5-5" } = process.env;
const [question = "Is anything wrong on the cluster?"] = process.argv.slice(2);

const headers = { "Content-Type": "application/json", ...(MCP_KEY && { Authorization: `Bearer ${MCP_KEY}` }) };

/** The answer of a tool. Throws what the server says instead: the runner tells Claude, who may have another idea. */
async function call(name, args, signal) {
  const request = { method: "POST", headers, body: JSON.stringify(args), signal };
  const response = await fetch(`${MCP_URL}/api/v1/tools/${name}`, request);
  const body = await response.json();
  if (response.ok) return body.text;
  // The person is asked here and not by Claude, who could answer in their place.
  if (response.status === 409 && (await agrees(body.preview)))
    return await call(name, { ...args, confirm: body.code }, signal);
  throw new Error(response.status === 409 ? "The person said no: nothing was done." : body.detail);
}

async function agrees(preview) {
  process.stderr.write(`${preview}\n\nDo this? (yes/no) `);
  const terminal = createInterface({ input: process.stdin });
  const { value = "" } = await terminal[Symbol.asyncIterator]().next();
  terminal.close();
  return /^y(es)?$/i.test(value.trim());
}

/** The tools of the file that this key may use. */
async function offeredTools() {
  const tools = JSON.parse(readFileSync(new URL("../claude_nomad_tool.json", import.meta.url), "utf8"));
  const response = await fetch(`${MCP_URL}/openapi.json`, { headers });
  const document = await response.json();
  if (!response.ok) throw new Error(document.detail);
  return tools.filter(({ name }) => Object.hasOwn(document.paths, `/api/v1/tools/${name}`));
}

const tools = (await offeredTools()).map((tool, index, { length }) => ({
  ...tool,
  // All of them are the same in every request.
  ...(index === length - 1 && { cache_control: { type: "ephemeral" } }),
  parse: (input) => input,
  run: (input, { signal } = {}) => call(tool.name, input, signal),
}));
const message = await new Anthropic().beta.messages.toolRunner({
  ...{ model: MODEL, max_tokens: 4096, max_iterations: 20, tools },
  messages: [{ role: "user", content: question }],
  // The whole conversation goes with each request, so that the API keeps none of it.
  thread: false,
});
for (const block of message.content) if (block.type === "text") process.stdout.write(`${block.text}\n`);
