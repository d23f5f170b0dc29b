import { encodedPrivateKeys, privateKeys } from "./secret-pem.ts";
import type { Finding } from "./secret-spans.ts";
import { passwordsInUrls } from "./secret-urls.ts";
import { isReference, looksSecret } from "./secret-values.ts";
import type { Steps } from "./steps.ts";

/** A shorter text is gone through in one step, in characters. */
const long = 1_000;

/** What looks like a secret in itself, whatever stands around it: keys, tokens, headers, passwords in URLs. */
export function* secretsByShape(text: string): Steps<Finding[]> {
  const found: (readonly Finding[])[] = [
    privateKeys(text),
    encodedPrivateKeys(text),
    passwordsInUrls(text),
    awsSecrets(text),
  ];
  for (const shape of shapes) {
    if (text.length >= long) yield;
    const these = matches(text, shape);
    if (these !== none) found.push(these);
  }
  return found.flat();
}

/** The secret is the pattern's last group, which ends where the match ends, or the whole match. */
interface Shape {
  readonly pattern: RegExp;
  /** What every match has in it, where the pattern begins with what many texts have: that is looked for first. */
  readonly mark?: string;
  readonly if?: (secret: string) => boolean;
}

// Every quantifier stands behind a literal or a word's beginning and is followed by nothing that it could take itself, so
// each pattern passes once over a text.
const shapes: readonly Shape[] = [
  // JSON Web Tokens, with two segments where the third was cut off; encrypted ones have five.
  {
    pattern:
      /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?(?:\.[A-Za-z0-9_-]+)?(?:\.[A-Za-z0-9_-]+)?/g,
    mark: "eyJ",
  },
  // AWS key ids and session tokens
  { pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { pattern: /(?<![A-Za-z0-9])(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9+/=]{20,}/g },
  // Google
  { pattern: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}/g },
  { pattern: /(?<![A-Za-z0-9])(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{16,}/g },
  { pattern: /(?<![A-Za-z0-9])1\/\/0[A-Za-z0-9_-]{24,}/g, mark: "1//0" },
  // Azure: client secrets, and account keys, which nothing else is as long as
  { pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}/g, mark: "Q~" },
  { pattern: /(?:Account|SharedAccess)Key=([A-Za-z0-9+/=]{16,})/g },
  // GitHub, GitLab, Slack, Stripe, package registries and others that mark their tokens
  { pattern: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{16,}/g },
  { pattern: /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{20,}/g },
  { pattern: /(?<![A-Za-z0-9])gl(?:pat|rt|dt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_.-]{16,}/g },
  { pattern: /(?<![A-Za-z0-9])(?:xox[abcdeoprs]|xapp)-[A-Za-z0-9-]{10,}/g },
  { pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{8,})/g },
  { pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{8,20}\/([A-Za-z0-9_-]{16,})/g },
  { pattern: /(?<![A-Za-z0-9])(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}/g },
  { pattern: /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{16,}/g },
  { pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/g, mark: "npm_" },
  {
    pattern:
      /(?<![A-Za-z0-9])(?:pypi-AgE|dckr_pat_|dckr_oat_|shp(?:at|ca|pa|ss)_|glsa_|glc_|sntrys_|lin_api_|tskey-|do[opr]_v1_|dapi|NRAK-|hf_|AGE-SECRET-KEY-1)[A-Za-z0-9_-]{20,}/g,
    if: looksSecret,
  },
  {
    pattern: /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{24,}/g,
    mark: "sk-",
    if: (key) => /[a-z]/.test(key) && /[A-Z]/.test(key) && /\d/.test(key),
  },
  { pattern: /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g },
  // What opens a server of ours
  { pattern: /(?<![A-Za-z0-9])nmcp_[A-Za-z0-9_-]{43}/g, mark: "nmcp_" },
  // HashiCorp
  { pattern: /(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{16,}/g },
  {
    pattern: /(?<![A-Za-z0-9.])[sbr]\.[A-Za-z0-9]{24}(?![A-Za-z0-9])/g,
    if: (token) => /\d/.test(token) && /[A-Z]/.test(token),
  },
  { pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{20,}/g, mark: ".atlasv1." },
  { pattern: /(?<![A-Za-z0-9])02MV4UU43BK5[A-Z0-9]{30,}/g },
  // What directories and mail servers make of a password, and what they take it from
  {
    pattern:
      /\{(?:PLAIN|CLEAR|CLEARTEXT|S?SHA(?:256|384|512)?|S?MD5|(?:SHA\d{3}-|MD5-)?CRYPT|BLF-CRYPT|ARGON2ID?|PBKDF2|NT|LANMAN|noop|bcrypt)\}([^\s"'`,;<>]{3,})/gi,
    if: isNoReference,
  },
  // What crypt and its like make of a password
  { pattern: /(?<![\w$])\$(?:apr1|1|2[abxy]?|5|6|7|y|argon2(?:id|i|d)|scrypt)\$[\w./$=,+-]{16,}/g },
  // Headers. Whatever quotes, escapes and brackets the writer puts between name and value.
  {
    pattern:
      /authorization[\\"'\]]{0,8}\s{0,4}[:=,]\s{0,4}[\\"'[]{0,8}(?:bearer|basic|token|negotiate|apikey)\s{1,4}([A-Za-z0-9._~+/=-]{4,})/gi,
    if: isNoReference,
  },
  {
    pattern:
      /authorization[\\"'\]]{0,8}\s{0,4}[:=,]\s{0,4}[\\"'[]{0,8}(?:digest|aws4-hmac-sha256)\s{1,4}([^\r\n]{4,2048})/gi,
  },
  { pattern: /authorization[\\"'\]]{0,8}\s{0,4}[:=,]\s{0,4}[\\"'[]{0,8}([A-Za-z0-9._~+/=-]{8,})/gi, if: looksSecret },
  { pattern: /(?<![A-Za-z])bearer\s{1,4}([A-Za-z0-9._~+/=-]{12,})/gi, if: looksSecret },
  {
    pattern:
      /(?<![A-Za-z0-9_-])(?:set-)?cookie[\\"'\]]{0,8}:\s{0,4}[\\"'[]{0,8}([A-Za-z0-9_.-]{1,64}=[^\r\n"'\\]{8,4096})/gi,
  },
  // Command lines whose option does not say that it is a password
  { pattern: /\bcurl\b[^\n]{0,400}?\s(?:-u|--user)[ =]{0,2}["']?[^\s:"']{1,128}:([^\s"']{1,256})/g, if: isNoReference },
  {
    pattern: /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n|;&]{0,400}?\s-p["']?([^\s"']{1,256})/g,
    if: isNoReference,
  },
  { pattern: /\b(?:sshpass\s{1,4}-p|redis-cli\b[^\n|;&]{0,400}?\s-a)\s{0,4}["']?([^\s"']{1,256})/g, if: isNoReference },
];

/** In files that configure something: `host:port:database:user:password`, and the password of a user of Redis. */
const configShapes: readonly Shape[] = [
  {
    pattern: /(?<![^\s|"'`])[\w.*-]{1,128}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w*-]{1,64}:([^\s"'`]{1,256})/g,
    if: isNoReference,
  },
  { pattern: /(?<![^\s|"'`])auth [\w.@-]{1,64}:([^\s"'`]{1,256})/g, if: isNoReference },
  { pattern: /(?<![^\s|"'`])user \S{1,64} [^\n>]{0,200}>([^\s"'`]{1,256})/g, if: isNoReference },
];

/** The same in a text that configures something. */
export function configSecretsByShape(text: string): Finding[] {
  return configShapes.flatMap((shape) => matches(text, shape));
}

function isNoReference(secret: string): boolean {
  return !isReference(secret);
}

function matches(text: string, { pattern, mark = "", if: condition = () => true }: Shape): readonly Finding[] {
  // Nearly always there is nothing, and looking for that makes nothing.
  if (!text.includes(mark) || text.search(pattern) < 0) return none;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const secret = match[1] ?? match[0];
    const end = match.index + match[0].length;
    return condition(secret) ? [{ start: end - secret.length, end }] : [];
  });
}

const none: readonly Finding[] = [];

/** The secret half of an AWS key has no mark of its own: it is the 40 characters of base64 near the half that has one. */
function awsSecrets(text: string): readonly Finding[] {
  if (!/AKIA|ASIA/.test(text)) return none;
  return [...text.matchAll(/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}/g)].flatMap((match) => {
    const from = match.index + match[0].length;
    const near = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/.exec(text.slice(from, from + 240));
    if (!near || /^[0-9a-f]+$/.test(near[0]) || !/[A-Z]/.test(near[0]) || !/[a-z]/.test(near[0])) return [];
    return [{ start: from + near.index, end: from + near.index + near[0].length }];
  });
}
