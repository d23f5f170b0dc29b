import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True for a host that no other machine reaches: an address or a name, an IPv6 address also in brackets. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (address === "localhost") return true;
  const kind = isIP(address);
  return kind !== 0 && loopback.check(address, kind === 6 ? "ipv6" : "ipv4");
}
