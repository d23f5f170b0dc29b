import { assignedSecrets } from "./secret-fields.ts";
import { atOnce } from "./steps.ts";

/** True for the base64 of a pair that holds a secret: `user:password`, `password=...`, JSON and the like. */
export function holdsCredentials(word: string): boolean {
  if (word.length < 12 || word.length > 65_536 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(word)) return false;
  const decoded = Buffer.from(word.slice(0, 4_096), "base64").toString("latin1");
  if (!/^[\t\n\r\x20-\x7e]{6,}$/.test(decoded)) return false;
  return /^[\w.@+-]{1,64}:[\x21-\x7e]{4,}$/.test(decoded) || atOnce(assignedSecrets(decoded)).length > 0;
}
