import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { makeFolder } from "./authority.ts";

/** The address of a socket that leads to a server, until the test has finished. */
export async function socketTo(address: string): Promise<string> {
  const folder = makeFolder();
  const path = `${folder.path}/api.sock`;
  const { hostname, port } = new URL(address);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy()).pipe(to);
    }
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    folder.remove();
  });
  return `unix://${path}`;
}
