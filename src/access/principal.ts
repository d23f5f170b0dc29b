import type { Role } from "./roles.ts";

/** How it is known who calls: by a key, a token of the team's provider or of a Nomad job, their own Nomad token, a client certificate, or not at all. */
export type Auth = "key" | "oidc" | "workload-identity" | "nomad-token" | "mtls" | "none";

/** Who calls, as far as the server knows, and what they may. It goes with every call. */
export interface Principal {
  /**
   * What tells them from everybody else, for good: rates, places, sessions and consents are kept by it. It is made by
   * {@link principalId} and is for this process, not for people.
   */
  readonly id: string;
  /** What the audit log and the log name them by. Two may have the same where a provider lets people choose it. */
  readonly name: string;
  readonly auth: Auth;
  /** Whom the provider or Nomad means by them, for the audit log, where their name does not say it. */
  readonly subject?: string | undefined;
  /** What narrows what they may; undefined where the server has no roles: then it is all that the server may. */
  readonly role: Role | undefined;
  /** When their key, token or certificate ends, ms since the epoch. */
  readonly expires?: number | undefined;
}

/** An id that nobody has who is known in another way, or by other words. */
export function principalId(auth: Auth, ...words: readonly string[]): string {
  return JSON.stringify([auth, ...words]);
}
