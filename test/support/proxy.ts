import { createServer, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { type Listening, listening } from "./authority.ts";

/** What a proxy was asked: `CONNECT host:port`, or `GET http://...`, and with which user. */
export interface AskedOfProxy {
  readonly what: string;
  readonly user: string | undefined;
}

/** A proxy that takes every name for this machine, or answers with `status`. It notes in `asked` what it is asked. */
export async function serveProxy(asked: AskedOfProxy[], status = 200): Promise<Listening & { address: string }> {
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push({ what: `${method} ${url}`, user: headers["proxy-authorization"] });
  };
  const sockets = new Set<{ destroy(): void }>();
  const proxy = createServer((received, response) => {
    note(received);
    const { port, pathname, search } = new URL(received.url ?? "");
    const { method, headers } = received;
    request({ host: "127.0.0.1", port, path: pathname + search, method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 0, reply.headers);
      reply.pipe(response);
    }).end();
  });
  proxy.on("connection", (socket) => sockets.add(socket));
  proxy.on("connect", (received: IncomingMessage, socket) => {
    note(received);
    socket.on("error", () => {});
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const target = connect(Number(received.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    sockets.add(target);
    target.on("error", () => socket.destroy());
  });
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  const opened = await listening(proxy, end);
  return { ...opened, address: `127.0.0.1:${opened.port}` };
}
