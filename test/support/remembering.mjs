// A worker of test/scale.hard.ts, in front of a cluster: what it answered once is given again. It has a thread of its own, as Nomad has
// a process of its own, so that its work is none of the program's; and it takes as long as an idle Nomad does with a small reply.
import { once } from "node:events";
import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const known = new Map();
/** What Nomad 2.0.6 without load takes for a list of a few rows beside HTTP itself, ms. */
const idle = 0.5;
const clock = new Int32Array(new SharedArrayBuffer(4));

const server = createServer(async (request, response) => {
  const at = `${request.method} ${request.url}`;
  let given = known.get(at);
  if (given === undefined) {
    const body = request.method === "GET" ? undefined : Buffer.concat(await request.toArray());
    const answer = await fetch(`${workerData.address}${request.url}`, { method: request.method, body });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => /^(x-nomad-|content-type)/.test(name)));
    given = { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
    known.set(at, given);
  }
  Atomics.wait(clock, 0, 0, idle);
  response.writeHead(given.status, given.headers).end(given.body);
});
await once(server.listen(0, "127.0.0.1"), "listening");
parentPort.postMessage(server.address().port);
