// A Nomad that has recorded answers to what a list of jobs asks, in a thread of its own so that it costs the measured
// nothing. Tells its address, and what it was asked since it was last asked for that.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";

const recorded = join(import.meta.dirname, "../test/recorded/lists");
const replies = {
  "/v1/jobs": reply("jobs.json"),
  "/v1/jobs/statuses": reply("statuses.json"),
};
let asked = [];

const server = createServer(async (request, response) => {
  const { method, url } = request;
  let body = "";
  for await (const part of request) body += part;
  const known = replies[url.split("?", 1)[0]];
  if (known) asked.push({ method, url, body });
  response.writeHead(known ? 200 : 404, { "content-type": known ? "application/json" : "text/plain" });
  response.end(known ?? "not recorded");
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(`http://127.0.0.1:${server.address().port}`));
parentPort.on("message", () => {
  parentPort.postMessage(asked);
  asked = [];
});

function reply(file) {
  return JSON.stringify(JSON.parse(readFileSync(join(recorded, file), "utf8")).body);
}
