import type { Sent } from "./connection.ts";

/** What is counted of a request with a token of one person's: that it is not good is no matter of whoever watches the server's own. */
export function oneOfMany(sent: Sent): Sent {
  return sent.outcome === "bad_token" ? { ...sent, outcome: "forbidden" } : sent;
}
