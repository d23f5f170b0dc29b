import { unseal } from "../text/sealed.ts";
import { Refusal } from "./errors.ts";

declare const encoded: unique symbol;

/** The path of a Nomad request, every variable part of it percent-encoded. Made only by {@link path}. */
export type NomadPath = string & { readonly [encoded]: true };

/**
 * Tag that builds a Nomad path and encodes every part put into it, so that ids with `/`, `?`, spaces or unicode arrive
 * as they are: ``path`/v1/job/${jobId}/summary` ``. Sealed ids are sent as Nomad has them.
 *
 * @throws Refusal for an empty part and for `.` or `..`, which a URL parser would resolve away, encoded or not.
 */
export function path(literals: TemplateStringsArray, ...parts: string[]): NomadPath {
  let built = literals[0] ?? "";
  for (const [index, part] of parts.entries()) {
    if (part === "" || part === "." || part === "..") {
      throw new Refusal(`${JSON.stringify(part)} is not an id or name that Nomad can have.`);
    }
    // A lone surrogate makes encodeURIComponent throw a URIError that names nothing.
    built += encodeURIComponent(unseal(part).toWellFormed()) + (literals[index + 1] ?? "");
  }
  return built as NomadPath;
}

/**
 * A literal for Nomad's filter expressions (go-bexpr). Backquoted text is taken raw; where it holds a backquote, the
 * double-quoted form is used, in which a `"` must be written `\x22` (nomad/command/agent, go-bexpr grammar).
 */
export function literal(sealed: string): string {
  const text = unseal(sealed);
  if (!text.includes("`")) return `\`${text}\``;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', "\\x22").replaceAll("\n", "\\n")}"`;
}
