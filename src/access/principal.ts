import type { Role } from "./roles.ts";

/** Who calls, as far as the server knows, and what they may. It goes with every call. */
export interface Principal {
  /** What the audit log and the log name them by. */
  readonly name: string;
  /** How it is known who they are: by a key, or not at all. */
  readonly auth: "key" | "none";
  /** What narrows what they may; undefined where the server has no roles: then it is all that the server may. */
  readonly role: Role | undefined;
  /** When their key ends, ms since the epoch. */
  readonly expires?: number | undefined;
}
