/** True for a value that has the look of a password, key or token. Used where the name alone does not decide. */
export function looksSecret(value: string, least = 8): boolean {
  if (isUuid(value)) return true;
  if (value.length < least || value.length > 8_192 || isReference(value) || isOrdinary(value)) return false;
  return /[0-9!@#$%^&*~?+=]/.test(value) && /[A-Za-z]/.test(value) && isVaried(value);
}

/**
 * True for what stands where a secret would and is none: empty, a reference that is filled in elsewhere
 * (`${DB_PASSWORD}`, `{{ key "x" }}`, `var.password`, `vault:...`), a placeholder (`***`, `<redacted>`), true, false, null.
 */
export function isReference(value: string): boolean {
  if (value.length > 2_000) return false;
  if (placeholders.some((shape) => shape.test(value))) return true;
  const rest = value.replaceAll(/\$\$?\{[^{}]{1,500}\}|\{\{[^{}]{1,500}\}\}|\$\([^()]{1,500}\)/g, "");
  return rest !== value && !/[A-Za-z0-9]/.test(rest);
}

/** True for the everyday values that names, addresses and settings have, whatever their length. */
function isOrdinary(value: string): boolean {
  return isEveryday(value) || (value.length <= 512 && value.split(/[-_.:/@,+ ]/).every((part) => plainPart.test(part)));
}

/** True for addresses, images, versions, digests, paths, sizes and times: what is ordinary by its shape. */
export function isEveryday(value: string): boolean {
  if (value.length > 512) return false;
  return isPlace(value) || isQuantity(value) || everyday.some((shape) => shape.test(value));
}

/** True for a path or a URL of which no part looks like a token. */
export function isPlace(value: string): boolean {
  if (value.length > 512 || /\s|:\/\/[^/]*@/.test(value)) return false;
  const root = /^(?:[a-z][a-z0-9+.-]{0,20}:\/\/|\/(?=[^/]+\/)|~\/|\.{1,2}\/|[A-Za-z]:\\)/.exec(value)?.[0];
  if (root === undefined) return false;
  return !value
    .slice(root.length)
    .split(/[/\\?&=]/)
    .some(isRandom);
}

export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}

/** What a header's value is made of: the token behind its scheme, and the password in that of basic authentication. */
export function credentialsOf(header: string): string[] {
  const [, scheme, token] = /^(bearer|basic|token)\s+(\S+)$/i.exec(header.trim()) ?? [];
  if (scheme === undefined || token === undefined) return [];
  if (scheme.toLowerCase() !== "basic") return [token];
  const login = Buffer.from(token, "base64").toString("utf8");
  const password = login.slice(login.indexOf(":") + 1);
  return password === "" ? [token] : [token, password];
}

/** A copy. What is cut out of a long text otherwise keeps all of that text in memory for as long as it is kept itself. */
export function detached(text: string): string {
  // A short one is a copy already; a longer one is cut out of one that was put together for it.
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

/** A number, size, duration or time. */
export function isQuantity(value: string): boolean {
  return value.length <= 64 && quantities.some((shape) => shape.test(value));
}

/** A part of a path that is no word: a token that somebody put into a URL, or a piece of base64 that begins with `/`. */
function isRandom(part: string): boolean {
  if (part.length < 12 || isUuid(part)) return false;
  return kindsOf(part) >= 3 && !part.split(/[-_.]/).every((word) => plainPart.test(word));
}

/** Five different characters at least; no ruler, no row of stars. */
export function isVaried(value: string): boolean {
  let seen = "";
  for (let at = 0; at < value.length && at < 200; at++) {
    const character = value[at] ?? "";
    if (seen.includes(character)) continue;
    seen += character;
    if (seen.length === 5) return true;
  }
  return false;
}

/** How many kinds of characters: small, capital, digit, sign. What joins words (`-`, `_`, `.`, `/`, `:`) is no sign. */
export function kindsOf(value: string): number {
  let kinds = 0;
  for (const kind of kindsOfCharacters) if (kind.test(value)) kinds++;
  return kinds;
}

const kindsOfCharacters = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9\s_./:,-]/];
const placeholders: readonly RegExp[] = [
  /^(?:true|false|yes|no|on|off|null|nil|none|undefined|redacted|masked|''|""|[[{(]{1,2})?$/i,
  /^(?:\*+|x{3,}|\.{3}|…|<[^<>]*>|%[A-Za-z_]\w*%|\[\w+\]|\(sensitive(?: value)?\))$/i,
  // A variable's name; with digits among small letters it is as often a password.
  /^\$(?:env:)?(?:[A-Z_][A-Z0-9_]*|[a-z_]+(?:[A-Z][a-z_]+)*)$/,
  /^(?:var|local|data|each|module)\.[\w.]+$/,
  /^(?:vault|op|ssm|secretsmanager|gcpsm|k8s|arn):[^@\s]+$/,
];
const quantities: readonly RegExp[] = [
  /^[+-]?\d+[\d.,_]*\s?(?:[kmgt]i?b?|%|ns|us|µs|ms|s|sec|m|min|h|d|mhz|ghz|bytes?)?$/i,
  /^\d[\d.]*(?:ns|us|µs|ms|s|m|h|d)[\d.nuµsmhd]*$/, // a duration of Go
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/,
];
const everyday: readonly RegExp[] = [
  /^v?\d+\.\d[\d.]*(?:[-+][\w.+-]{1,60})?$/, // a version
  /^(?:sha(?:1|256|384|512)|md5):[0-9a-f]+$/i,
  /^[a-z0-9.-]+\.[a-z][a-z0-9-]*(?::\d{1,5})?$/, // a host
  /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5}|\/\d{1,2})?$/,
  /^\[?[0-9a-f]{0,4}:[0-9a-f:]{1,34}\]?(?::\d{1,5})?$/i, // IPv6
  /^[a-z0-9._-]+(?::\d{1,5})?\/[a-z0-9._/-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$/, // an image
  /^[\w.+-]{1,64}@[\w-]+\.[\w.-]+$/, // an e-mail address
];
const plainPart = /^(?:[A-Za-z]*|\d{0,6}|[A-Za-z]{1,3}\d{1,3}|\d{1,3}[A-Za-z]{1,3})$/;
