import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection on which bytes are written as they are. */
export interface RawConnection {
  readonly socket: Socket;
  /** What came back so far. */
  readonly received: string;
  /** True once the other side has closed it. */
  readonly isClosed: boolean;
  /** Waits until it is closed; everything that came. */
  closed(): Promise<string>;
}

/** Connects to a server by its URL. */
export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let received = "";
  let isClosed = false;
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  // A connection that is reset has ended as well.
  socket.on("error", () => {});
  const end = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  void end.then(() => {
    isClosed = true;
  });
  await Promise.race([once(socket, "connect"), end]);
  return {
    socket,
    get received() {
      return received;
    },
    get isClosed() {
      return isClosed;
    },
    async closed() {
      await end;
      return received;
    },
  };
}

/** Writes bytes to a connection of their own: all that comes until the server closes it. */
export async function sendRaw(url: string, bytes: string): Promise<string> {
  const connection = await openRaw(url);
  connection.socket.write(bytes, "latin1");
  return await connection.closed();
}

/** The status of each response in what was received. */
export function statusesOf(received: string): number[] {
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
