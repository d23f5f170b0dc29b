import { Refusal } from "../../api/errors/refusal.ts";
import { type AclToken, acl } from "../../endpoints/acl.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { lines, short } from "../../text/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { toolOrCommand } from "../shared/next-step.ts";
import { ifGiven } from "../shared/parts.ts";
import { clusterLine, type Preview, stampOf } from "../shared/preview.ts";
import { sendOnce } from "../shared/send-once.ts";
import { exactToken, ownToken } from "./read-acl.ts";
import { life, tokenHas, tokenName } from "./words.ts";

/** A token that may be revoked. */
export interface Revocable {
  readonly token: AclToken;
  /** "role on-call": what it has, in words. */
  readonly has: string;
}

/** A node's agent that cannot look a token up any more takes it as it remembers it (operator-observed.md §8). */
const effect =
  "the servers refuse it at once; the agent of a node that has seen it takes it until it restarts, for what is asked of that agent itself";

/**
 * The token that is to be revoked, by 8 or more characters of its accessor id.
 *
 * @throws Refusal where there is none, or it is the one that this server itself uses.
 */
export async function revocable(nomad: NomadClient, given: string): Promise<Revocable> {
  const [own, roles] = await Promise.all([ownToken(nomad), ifGiven(nomad.list(acl.roles))]);
  // Read last: a change that is sent upon this comes right behind it.
  const token = await exactToken(nomad, given);
  if (own?.AccessorID === token.AccessorID) {
    throw new Refusal(
      `${tokenName(token)} is the token that this server itself uses: revoked, it could do nothing any more. ${unchanged}`,
    );
  }
  const names = new Map((roles?.items ?? []).map(({ ID, Name }) => [ID, Name]));
  return { token, has: tokenHas(token, names) || "no policy" };
}

export function previewRevocation(nomad: NomadClient, { token, has }: Revocable): Preview {
  return {
    text: lines(
      `Revoke token ${tokenName(token)}, which cannot be undone`,
      `  accessor: ${short(token.AccessorID)} (${token.Type})`,
      `  has: ${has}; it ${life(token, nomad.now())}`,
      clusterLine(nomad),
      `  then: ${effect}`,
    ),
    stamp: stampOf(nomad, token.AccessorID, token.Name, token.Type, has, token.ExpirationTime ?? null),
  };
}

/** Deletes a token, once, and looks whether it is gone. @throws Refusal where it is not, or the answer is lost. */
export async function revoke(nomad: NomadClient, { token, has }: Revocable): Promise<Answer> {
  const { AccessorID, Name } = token;
  const left = async () => (await nomad.list(acl.tokens, { prefix: AccessorID, per_page: 1 })).items.length > 0;
  const look = toolOrCommand(nomad.in(nomad.home), ["list_acl", { accessor: short(AccessorID) }], ["acl token list"]);
  await sendOnce(
    async () => await nomad.write(acl.revoke, { accessor_id: AccessorID }),
    async () => ((await left()) ? "the token is still there" : "the token is gone"),
    look,
  );
  if (await left())
    throw new Refusal(`Nomad took the change, but the token is still there.\nNext: ${look} says how it is`);
  return {
    headline: `Token ${tokenName(token)} revoked (it had ${has}); ${effect}`,
    data: { accessor_id: AccessorID, name: Name, type: token.Type },
  };
}
