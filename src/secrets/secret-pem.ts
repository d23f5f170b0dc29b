import type { Finding } from "./secret-spans.ts";

/** A block that is longer than this was not closed; characters. */
const longest = 32 * 1024;

/**
 * Private keys in PEM: whole blocks, also on one line with `\n` written out, behind the prefixes of quoted or logged
 * lines, and what is left of a block that was cut at its end or its beginning. Certificates and public keys stay.
 */
export function privateKeys(text: string): Finding[] {
  if (!text.includes("PRIVATE KEY")) return [];
  const found: Finding[] = [];
  let last = 0;
  let opened: { start: number; end: number } | undefined;
  for (const match of text.matchAll(/-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?:-----)?/g)) {
    const here = { start: match.index, end: match.index + match[0].length };
    if (match[1] === "BEGIN") {
      if (opened) found.push({ start: opened.start, end: bodyAfter(text, opened.end, here.start) });
      opened = here;
    } else if (opened && here.end - opened.start <= longest) {
      found.push({ start: opened.start, end: here.end });
      opened = undefined;
    } else {
      if (opened) found.push({ start: opened.start, end: bodyAfter(text, opened.end, here.start) });
      found.push({ start: bodyBefore(text, last, here.start), end: here.end });
      opened = undefined;
    }
    last = here.end;
  }
  if (opened) found.push({ start: opened.start, end: bodyAfter(text, opened.end, text.length) });
  return found;
}

/** Keys in PEM that were encoded in base64 as a whole, as Kubernetes and cloud-init have them. */
export function encodedPrivateKeys(text: string): Finding[] {
  if (!text.includes("LS0tLS1CRUdJTi")) return [];
  return [...text.matchAll(/LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]{10,}/g)].flatMap((match) => {
    const label = Buffer.from(match[0].slice(0, 80), "base64").toString("latin1");
    if (!label.includes("PRIVATE")) return [];
    return [{ start: match.index, end: match.index + match[0].length }];
  });
}

/** Where the lines of a key end that begin at `from`. */
function bodyAfter(text: string, from: number, to: number): number {
  let end = from;
  for (const line of brokenLines(text.slice(from, to))) {
    if (!isBody(line.text) && line.text.trim() !== "") break;
    if (isBody(line.text)) end = from + line.end;
  }
  return end;
}

/** Where the lines of a key begin that end at `to`. */
function bodyBefore(text: string, from: number, to: number): number {
  const begin = Math.max(from, to - longest);
  let start = to;
  const [, ...above] = brokenLines(text.slice(begin, to)).toReversed();
  for (const [index, line] of above.entries()) {
    const last = lastWord(line.text);
    // The last line of a key may be as short as it likes.
    const body = isBody(line.text) || (index === 0 && /^[A-Za-z0-9+/]{1,64}={0,2}$/.test(last));
    if (!body && line.text.trim() !== "") break;
    if (body) start = begin + line.start + line.text.lastIndexOf(last);
  }
  return start;
}

function brokenLines(text: string): { text: string; start: number; end: number }[] {
  const lines: { text: string; start: number; end: number }[] = [];
  let start = 0;
  for (const match of text.matchAll(/\n|\\{1,8}n/g)) {
    lines.push({ text: text.slice(start, match.index), start, end: match.index });
    start = match.index + match[0].length;
  }
  lines.push({ text: text.slice(start), start, end: text.length });
  return lines;
}

/** A line of base64 or of a key's header, whatever stands before it. */
function isBody(line: string): boolean {
  const last = lastWord(line);
  if (/^(?:Proc-Type|DEK-Info|Comment|Version):/.test(line.trim())) return true;
  return /^[A-Za-z0-9+/]{8,}={0,2}(?:\\r)?$/.test(last) && (last.length >= 32 || /[0-9+/=]/.test(last));
}

function lastWord(line: string): string {
  return line.trimEnd().split(/\s/).at(-1) ?? "";
}
