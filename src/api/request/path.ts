import type { Query } from "../../endpoints/endpoint.ts";
import { seal, unseal } from "../../text/sealed.ts";
import { Refusal } from "../errors/refusal.ts";

declare const encoded: unique symbol;

/** The path of a Nomad request, every variable part of it percent-encoded. Made only of a declared route. */
export type NomadPath = string & { readonly [encoded]: true };

/**
 * One part of a path, percent-encoded, so that ids with `/`, `?`, spaces or unicode arrive as they are. Sealed ids are
 * sent as Nomad has them.
 *
 * @throws Refusal for an empty part and for `.` or `..`, which a URL parser would resolve away, encoded or not.
 */
export function encodedPart(part: string): string {
  if (part === "" || part === "." || part === "..") {
    throw new Refusal(`${JSON.stringify(part)} is not an id or name that Nomad can have.`);
  }
  // A lone surrogate makes encodeURIComponent throw a URIError that names nothing.
  return encodeURIComponent(unseal(part).toWellFormed());
}

/** A query as it is sent, `?` included: what is undefined is left out, what is a list is repeated. */
export function queryText(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) for (const each of [value].flat()) pairs.append(name, String(each));
  }
  return pairs.size === 0 ? "" : `?${pairs}`;
}

/**
 * A literal for Nomad's filter expressions (go-bexpr). Backquoted text is taken raw; where it holds a backquote, the
 * double-quoted form is used, in which a `"` must be written `\x22` (nomad/command/agent, go-bexpr grammar).
 *
 * It is sealed, as all that is sent: unsealed twice, a stand-in that somebody wrote himself would become a backquote.
 */
export function literal(sealed: string): string {
  const text = unseal(sealed);
  if (!text.includes("`")) return seal(`\`${text}\``);
  return seal(`"${text.replaceAll("\\", "\\\\").replaceAll('"', "\\x22").replaceAll("\n", "\\n")}"`);
}
