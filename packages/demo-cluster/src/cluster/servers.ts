/** A server: the first one leads, and answers for all of them. */
export interface Server {
  readonly ID: string;
  /** `demo-server` */
  readonly name: string;
  readonly port: number;
  /** False once it was lost: gossip remembers it, Raft has forgotten it. */
  alive: boolean;
}

/** So many servers. */
export function startServers(count: number): Server[] {
  return Array.from({ length: count }, (_, index) => ({
    ID: `5b0a3f0e-9d0c-4f5c-8d6e-0f6a3b2c1d0${index}`,
    name: index === 0 ? "demo-server" : `demo-server-${index + 1}`,
    port: 4647 + 10 * index,
    alive: true,
  }));
}

/** A server that follows is lost, and autopilot has cleaned up after it. */
export function loseServer(servers: readonly Server[], name: string): void {
  const [, ...followers] = servers;
  const lost = followers.find((server) => server.name === name);
  if (lost === undefined) throw new Error(`${name} is no server that can be lost`);
  lost.alive = false;
}
