import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True for an address of this machine that no other one reaches. */
export function isLoopback(address: string): boolean {
  if (address === "localhost") return true;
  const kind = isIP(address);
  return kind !== 0 && loopback.check(address, kind === 6 ? "ipv6" : "ipv4");
}
