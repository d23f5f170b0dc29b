import type { Finding } from "./secret-spans.ts";
import { isReference, looksSecret } from "./secret-values.ts";

/** The longest URL that is looked at, from its `://` on. */
const longest = 2_048;

/**
 * The passwords in URLs and in the addresses of database drivers: `scheme://user:password@host`, `://token@host`,
 * `user:password@tcp(host)`, `user:password@registry.example/image`. User and host stay.
 */
export function passwordsInUrls(text: string): Finding[] {
  const found: Finding[] = [];
  for (let at = text.indexOf("://"); at >= 0; at = text.indexOf("://", at + 3)) {
    const start = at + 3;
    const rest = text.slice(start, start + longest);
    const end = /[\s"'`<>\\|]/.exec(rest)?.index ?? rest.length;
    const password = userInfo(rest.slice(0, end));
    if (password) found.push({ start: start + password[0], end: start + password[1] });
  }
  if (!text.includes("@")) return found;
  for (const match of text.matchAll(/(?<=:)[^\s:@"'`]{1,256}(?=@(?:tcp|udp|unix)\()/g)) {
    if (!isReference(match[0])) found.push({ start: match.index, end: match.index + match[0].length });
  }
  // An image or a source without a scheme: `user:password@registry.example/app:1`.
  for (const match of text.matchAll(
    /(?<=(?:^|[\s"'`=,[(])[\w.+-]{1,64}:)[^\s:@"'`/]{1,256}(?=@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}(?::\d{1,5})?\/)/gi,
  )) {
    if (!isReference(match[0])) found.push({ start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Where the password stands in what follows `://`. */
function userInfo(url: string): [number, number] | undefined {
  const authorityEnd = /[/?#]/.exec(url)?.index ?? url.length;
  const authority = url.slice(0, authorityEnd);
  const colon = authority.indexOf(":");
  let at = authority.lastIndexOf("@");
  // A password with a slash in it ends what looks like host and port; a port is a number, though.
  const cutShort = at < 0 && colon >= 0 && !/^[\d.]*$/.test(authority.slice(colon + 1)) && !authority.startsWith("[");
  if (cutShort) at = url.lastIndexOf("@");
  if (at < 0) return undefined;
  const start = colon >= 0 && colon < at ? colon + 1 : 0;
  const value = url.slice(start, at);
  if (isReference(value)) return undefined;
  // A user alone is no secret; a token in its place is.
  if (start === 0 && !(value.length >= 16 && looksSecret(value))) return undefined;
  return [start, at];
}
