import { seal, show } from "../text/sealed.ts";
import { clean } from "../text/untrusted.ts";
import { width } from "./beginnings.ts";

/** Shorter forms are not looked for: they would be found where they are not; characters. */
export const shortestForm = width;

/**
 * The ways in which a value can be written in a text: as it is, inside a JSON string (as JavaScript and as Go escape
 * it, also a string inside a string), with what hides in it shown, percent-encoded, and in base64, alone or in the middle of something longer.
 */
export function formsOf(value: string): ReadonlySet<string> {
  // A value is kept by a call and by its caller, one after the other.
  if (value !== last.value) last = { value, forms: allForms(value) };
  return last.forms;
}

let last: { readonly value: string; readonly forms: ReadonlySet<string> } = { value: "", forms: new Set() };

function allForms(value: string): ReadonlySet<string> {
  // Of nothing but letters, digits and what joins them, all forms but base64 are the same.
  if (/^[\w.-]*$/.test(value)) return longEnough([value, ...inBase64(value)]);
  const json = inJson(value);
  const url = encodeURIComponent(value.toWellFormed());
  const goUrl = url.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    value,
    clean(value),
    show(seal(value)),
    show(inJson(seal(value))),
    json,
    inGoJson(json),
    inJson(json),
    inGoJson(inJson(json)),
    url,
    goUrl,
    goUrl.replaceAll("%20", "+"),
    // What Go leaves as it is inside a path.
    goUrl.replaceAll(/%(?:24|26|2B|3D|3A|40)/g, decodeURIComponent),
    ...[url, goUrl].map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    ...inBase64(value),
  ];
  return longEnough(forms);
}

function longEnough(forms: readonly string[]): ReadonlySet<string> {
  return new Set(forms.filter((form) => form.length >= shortestForm));
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** Go's encoder escapes these three, too. */
function inGoJson(json: string): string {
  return json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
}

/**
 * What is sure to stand in the base64 of any text that contains the value, wherever it begins in a group of three bytes;
 * and, for a value that was encoded alone, its whole base64.
 */
function inBase64(value: string): string[] {
  const forms: string[] = [];
  for (const before of ["", "\0", "\0\0"]) {
    const bytes = Buffer.from(before + value, "utf8");
    const text = bytes.toString("base64");
    forms.push(text.slice(Math.ceil((before.length * 8) / 6), Math.floor((bytes.length * 8) / 6)));
    if (before === "") forms.push(text, text.replace(/=+$/, ""));
  }
  return forms.flatMap((form) => (/[+/]/.test(form) ? [form, form.replaceAll("+", "-").replaceAll("/", "_")] : form));
}
