// The least that answers a host with what Nomad says: a line in, its requests by fetch, a line out.

import { createInterface } from "node:readline";

const [address, ...requests] = process.argv.slice(2);
const headers = { "content-type": "application/json" };
const answers = {
  initialize: () => ({ protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "shell", version: "1" } }),
  "tools/list": () => ({ tools: [] }),
  "tools/call": async () => {
    const rows = [];
    for (const { method, url, body } of requests.map((text) => JSON.parse(text))) {
      rows.push(...(await (await fetch(address + url, { method, ...(body && { headers, body }) })).json()));
    }
    return { content: [{ type: "text", text: rows.map(({ ID, Status }) => `${ID} ${Status}`).join("\n") }] };
  },
};
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method } = JSON.parse(line);
  if (id) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: await answers[method]() })}\n`);
});
