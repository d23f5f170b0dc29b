/**
 * Text of others, sealed where it enters and shown where it leaves. Nomad takes line breaks, escape sequences, marks that
 * turn the direction of writing and characters without a look in almost every name and message, so whatever was told of
 * one could begin a line of its own. In between, such characters are stood in for by characters that do nothing: two
 * names are equal, sorted and found as ever, and none of them can break a line.
 *
 * A stand-in is a character of plane 16, all of whose characters are for private use: U+100000 and the UTF-16 unit for
 * which it stands. Characters of that plane are sealed as well, so that every sealed text has one meaning.
 */

/** Spaces that look like a plain one and are none. */
const spaces = String.raw`\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000`;
/** Controls, format and tag characters, variation selectors, fillers, separators, halves of pairs and what is no character. */
const unseen = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc`;
const standIns = String.raw`\u{100000}-\u{10ffff}`;

/** A pattern that is made when it is first needed: such classes of characters take some ms, and most text has none of them. */
function whenNeeded(source: string, flags: string): () => RegExp {
  let made: RegExp | undefined;
  return () => {
    made ??= new RegExp(source, flags);
    return made;
  };
}

/** Every space that is no plain one. */
export const strangeSpaces = whenNeeded(`[${spaces}]`, "gu");
/** What nobody sees, and what moves or hides other text; line ends and tabs are left out. */
export const hiddenCharacters = whenNeeded(`(?![\\n\\t])[${unseen}${standIns}]`, "gu");
const toSeal = whenNeeded(`[${unseen}${spaces}${standIns}]`, "gu");
const toSealBeyond = whenNeeded(`(?![\\0-~])[${unseen}${spaces}${standIns}]`, "u");
const sealed = /[\u{100000}-\u{10ffff}]/gu;
/** What of an answer is not plain: stand-ins, and whatever came past the seal. */
const toShow = whenNeeded(`(?:(?![\\n\\t])[${unseen}${spaces}${standIns}])+`, "gu");
const beyondAscii = /[^ -~]/;
const beyondLines = /[^\n\t -~]/;
/** A high surrogate of plane 16: quicker to look for than the characters themselves. */
const perhapsSealed = /[\udbc0-\udbff]/;
/** In JSON text: an escape of what may need a seal. Go escapes `<`, `>` and `&`, too. */
const strangeEscape = /\\[bfnrt]|\\u(?!003[ce]|0026)/;

/** The text with stand-ins for all that could forge a line or hide; {@link unseal} gives it back. */
export function seal(text: string): string {
  return beyondAscii.test(text) ? text.replace(toSeal(), standIn) : text;
}

/** Seals of a text what would be taken for a stand-in, and nothing else: for text that is read line by line. */
export function sealBlock(text: string): string {
  return perhapsSealed.test(text) ? text.replace(sealed, standIn) : text;
}

/** The text as it was before it was sealed. */
export function unseal(text: string): string {
  return perhapsSealed.test(text) ? text.replace(sealed, (one) => String.fromCharCode(pointOf(one) - base)) : text;
}

/**
 * The text as it may leave this process: in place of what is sealed stand a plain space or a visible escape such as `\n`
 * and `\u{202e}`, so that whoever reads a name sees that it is not what it seems. What came past the seal is treated the
 * same, but line ends and tabs, which are our own.
 */
export function show(text: string): string {
  if (!beyondLines.test(text)) return text;
  return text.replace(toShow(), (run) => [...unseal(run)].map(visible).join(""));
}

/** As {@link show}, in one line. */
export function showLine(text: string): string {
  return show(text).replaceAll("\n", "\\n").replaceAll("\t", " ");
}

/** Every string in a value that JSON can have, and every key, sealed in place. `text`: the JSON that it was read from. */
export function sealValue<T>(value: T, text?: string): T {
  return text !== undefined && !escapesStrangely(text) && !hasToSeal(text) ? value : remade(value, seal);
}

/** A value as it was before it was sealed: a copy, where anything in it was. It must be one that JSON can have. */
export function unsealedValue<T>(value: T): T {
  const text = value === undefined ? "" : JSON.stringify(value);
  return perhapsSealed.test(text) ? remade(JSON.parse(text), unseal) : value;
}

/** A value as JSON in one line that shows nothing but what can be seen: other characters are escaped, as JSON has it. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(toShow(), (run) => {
    const units = Array.from({ length: unseal(run).length }, (_, at) => unseal(run).charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

/** Whether JSON text holds an escape of what may need a seal; most have no escape at all, which is quicker to see. */
function escapesStrangely(text: string): boolean {
  return text.includes("\\") && strangeEscape.test(text);
}

/** Whether JSON text holds as it is what needs a seal; line ends between its values do not count. */
function hasToSeal(text: string): boolean {
  const isAscii = Buffer.byteLength(text) === text.length;
  return (!isAscii || text.includes("\x7f")) && text.search(toSealBeyond()) >= 0;
}

const base = 0x100000;
const pointOf = (character: string) => character.codePointAt(0) ?? 0;

function standIn(character: string): string {
  const [high = "", low] = Array.from({ length: character.length }, (_, at) =>
    String.fromCodePoint(base + character.charCodeAt(at)),
  );
  return low === undefined ? high : high + low;
}

function visible(character: string): string {
  if (character.match(strangeSpaces())) return " ";
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  return short ?? `\\u{${pointOf(character).toString(16)}}`;
}

/** A stack of our own: a reply can be nested deeper than calls can. */
function remade<T>(value: T, made: (text: string) => string): T {
  const whole: { value: unknown } = { value };
  const open: object[] = [whole];
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    const members = object as Record<string, unknown>;
    for (const key of Object.keys(members)) {
      const held = members[key];
      const name = Array.isArray(object) ? key : made(key);
      const now = typeof held === "string" ? made(held) : held;
      if (typeof now === "object" && now !== null) open.push(now);
      if (name === key && now === held) continue;
      if (name !== key) delete members[key];
      members[name] = now;
    }
  }
  return whole.value as T;
}
