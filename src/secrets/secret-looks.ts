import { wordLikeness } from "./letter-pairs.ts";
import { isEveryday, isPlace, isQuantity, isReference, isUuid, isVaried, kindsOf } from "./secret-values.ts";

/**
 * True for a value that is masked wherever it stands: long enough and mixed enough that it stands there for itself, and
 * is no word, name or number by chance.
 */
export function isDistinctive(value: string): boolean {
  if (value.length < 12 || (kindsOf(value) < 2 && !isRandom(value)) || !isVaried(value)) return false;
  return !isReference(value) && !isPlace(value) && !isQuantity(value);
}

/** Of a longer text its beginning says enough; characters. */
const judged = 2_048;

/**
 * True for a value that nobody has written as a word, name, number or address: what a generator made, or a password with
 * digits and signs in it. Names that say otherwise (a digest, an id) are for the caller to judge.
 */
export function isRandom(value: string): boolean {
  if (value.length < 8) return false;
  if (isUuid(value)) return true;
  if (isReference(value) || isEveryday(value)) return false;
  const text = value.slice(0, judged);
  if (/\s/.test(text)) return text.split(/\s+/).some(isRandom);
  return isRandomWord(text);
}

function isRandomWord(text: string): boolean {
  if (isCryptHash(text) || isPasswordLike(text)) return true;
  const parts = text.split(/[^A-Za-z0-9]+/);
  if (parts.some((part) => isRandomPart(part, parts.length > 1))) return true;
  return isRandomWhole(text, parts);
}

/** What `crypt` and its like make of a password: `$apr1$...`, `$2y$...`, `$argon2id$...`. */
export function isCryptHash(text: string): boolean {
  return /^\$(?:apr1|1|2[abxy]?|5|6|7|y|argon2(?:id|i|d)|pbkdf2[a-z0-9-]{0,16}|scrypt|bcrypt[a-z0-9-]{0,16})\$[^\s]{8,}/.test(
    text,
  );
}

/** Letters, a digit and a sign that joins nothing: as people make passwords. */
function isPasswordLike(text: string): boolean {
  if (text.length < 8 || text.length > 128 || /[()[\]{}"'`\\<>|/]|\.\*|^[#^]/.test(text)) return false;
  const bare = text.replaceAll(/\$\w+|%[A-Za-z0-9]/g, "");
  const signs = new Set(bare.replaceAll(/[^!#$^@%&*~?+]/g, ""));
  if (!/[!#$^]/.test(bare) && signs.size < 2) return false;
  return /[A-Za-z]/.test(bare) && /\d/.test(bare);
}

/** Letters and digits without anything between them; what stands beside others is more often a name. */
function isRandomPart(part: string, beside: boolean): boolean {
  const length = part.length;
  if (length < 10 || new Set(part).size < 5) return false;
  const changes = changesOf(part);
  if (length >= 20 && changes >= 2 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(part)) return true;
  const { mean, pairs } = wordLikeness(part);
  if (changes === 0 && beside && length < 12) return false;
  if (changes === 0)
    return /[A-Za-z]/.test(part) && (mean < (length >= 16 ? 4.7 : 4.4) || (mean < 5.2 && isJumbled(part)));
  if (changes >= 4) return pairs < 6 || mean < 5.6;
  if (changes >= 2) return mean < 4.8 && !/^\d{6,8}T\d{4,6}Z?$/.test(part);
  return length >= 12 && pairs >= 5 && mean < 4.5;
}

/** Base64 and the like, whose signs cut it into parts that are too short to be told. */
function isRandomWhole(text: string, parts: readonly string[]): boolean {
  if (text.length < 12 || !/^[A-Za-z0-9+/=_~-]+$/.test(text)) return false;
  if (!/[A-Z]/.test(text) || !/[a-z]/.test(text) || !/[0-9]/.test(text)) return false;
  const joined = parts.join("");
  return changesOf(joined) >= (/[+=]/.test(text) ? 2 : 4) && wordLikeness(joined).mean < 4.7;
}

/** How often letters follow digits, or digits letters. */
function changesOf(text: string): number {
  let changes = 0;
  for (let at = 1; at < text.length; at++) if (isDigit(text, at) !== isDigit(text, at - 1)) changes++;
  return changes;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Capitals that begin no word: each of a camel's is followed by small ones. */
function isJumbled(part: string): boolean {
  if (!/[a-z]/.test(part)) return false;
  const capitals = part.replaceAll(/[A-Z]{3,}/g, "").match(/[A-Z]/g)?.length ?? 0;
  const begun = part.match(/[A-Z][a-z]{2}/g)?.length ?? 0;
  return capitals - begun >= 3 && capitals >= part.length / 5;
}
