import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { openSession, type TestSession } from "./session.ts";

/** A session whose requests go through a door in front of Nomad, which writes them down and may keep some out. */
export interface Door {
  readonly session: TestSession;
  /** "GET /v1/job/web", in the order in which they came. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens a door to the Nomad at `address`. What `denied` matches is answered as to a token that may not. */
export async function openDoor(address: string, denied: readonly RegExp[] = []): Promise<Door> {
  const requests: string[] = [];
  const { hostname, port } = new URL(address);
  const door = createServer((asked, answer) => {
    const { method, url: path = "", headers } = asked;
    requests.push(`${method} ${path.split("?")[0]}`);
    if (denied.some((each) => each.test(path))) {
      answer.writeHead(403, { "Content-Type": "text/plain" }).end("Permission denied");
      return;
    }
    const onward = request({ hostname, port, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const { port: here } = door.address() as AddressInfo;
  const session = await openSession({ address: `http://127.0.0.1:${here}` });
  return {
    session,
    requests,
    async close() {
      await session.close();
      door.closeAllConnections();
      door.close();
    },
  };
}
