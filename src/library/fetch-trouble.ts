import { codeOf, faultIn, rootCause } from "../api/connect/fault.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { seal } from "../text/sealed.ts";

const unreachable: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, "nothing listens where its url leads"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "the host of its url has no address"],
  [/^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, "the host of its url cannot be reached"],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, "the connection broke off"],
];

/** Why a repository could not be fetched, in words without its address: that may be secret. `branch`: the one that was asked for. */
export function fetchTrouble(error: unknown, branch: string | undefined): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Refusal) return error.message;
  const { statusCode: status, what } = dataOf(error);
  if (status === 401 || status === 403) return "its token is refused, or it needs one: token_file names it";
  if (status === 404) return "there is none at its url, or its token may not see it";
  if (what !== undefined && what === branch) return `it has no branch ${seal(branch)}`;
  if (what === "HEAD") return "it has no default branch: branch names the one that is meant";
  const cause = faultIn(error) ?? rootCause(error);
  const code = codeOf(cause);
  const words = unreachable.find(([codes]) => codes.test(code))?.[1];
  if (words !== undefined) return `${words} (${code})`;
  // What the other side says may be among it.
  return seal((cause instanceof Error ? cause : error).message.split("\n", 1)[0] ?? "");
}

/** What isomorphic-git says of its error: the status of an answer, or what was not found. */
function dataOf(error: Error): { readonly statusCode?: number; readonly what?: string } {
  return "data" in error && typeof error.data === "object" ? (error.data ?? {}) : {};
}
