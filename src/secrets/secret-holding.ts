import { judgedOnce } from "./judged-once.ts";
import { isRandom } from "./secret-looks.ts";
import { isOpenName, kindOfName } from "./secret-names.ts";
import { isPlace, isReference, looksSecret } from "./secret-values.ts";

/**
 * How a text of a reply was found to hold secrets.
 * - `secret`: it is one: its place or its name says so.
 * - `data`: it was put where secrets are kept, among others that are none (the items of a variable).
 * - `written`: people wrote it for a workload (environment, meta, tags, headers, arguments): what looks random in it is one.
 * - `config`: it configures a workload, in any language (templates, a job's source): what follows a secret name is one, too.
 * - `text`: secrets may stand in it, assigned to names.
 */
export type Holding = "secret" | "data" | "written" | "config" | "text";

/** A place in a reply: the key that it stands under, and how what is there is held. */
export interface Place {
  readonly key: string;
  readonly holding: Holding;
}

/** Of a text that stands under a name in an environment, a task's config, a header, an argument and the like. */
export function holdingOf(name: string, value: string): Holding {
  const kind = kindOfName(name);
  if (kind === undefined || publicFields.has(name)) return "text";
  if (/authorization$/i.test(name)) return "secret";
  if (isPlace(value)) return "text";
  if (kind !== "hint") return "secret";
  // Of several words, and of pairs, each part is judged for itself.
  return looksSecret(value) && !/[\s;]/.test(value) ? "secret" : "text";
}

/** Of a text under a name, where its place said that it is held so. */
export function holdingOfText(name: string, text: string, holding: Holding): Holding {
  if (holding === "text" || holding === "config") return holdingOf(name, text) === "secret" ? "secret" : holding;
  if (holding !== "written") return holding;
  return holdingOfWritten(name, text);
}

/**
 * Of what people wrote for a workload under a name. A name need not say that its value is secret: what looks random is,
 * unless the name is one of what is open by its nature.
 */
export function holdingOfWritten(name: string, value: string): Holding {
  if (holdingOf(name, value) === "secret") return "secret";
  // Of several words, and of what is itself assigned, each part is judged for itself.
  if (/[\s"'`=,;{}()]/.test(value.replace(/=+$/, "")) || value.includes("://")) return "written";
  return isRandom(value) && !isOpenName(name) ? "secret" : "written";
}

/** What `--name` is the name of. */
export function optionName(argument: unknown): string | undefined {
  return typeof argument === "string" ? /^--?([A-Za-z][\w.-]{0,63})$/.exec(argument)?.[1] : undefined;
}

/** True where an option says that what follows it is secret: `--password x`, `-p x` where that looks so. */
export function isOptionValue(option: string, value: string): boolean {
  if (isReference(value) || isPlace(value)) return false;
  const kind = /^p$/i.test(option) ? "hint" : kindOfName(option);
  return kind === "secret" || kind === "token" || (kind === "hint" && looksSecret(value, 6));
}

/** Those of which {@link holdingUnder} says more of their members than that they are `text`. */
export const tellsOfMembers: ReadonlySet<string> = new Set(["GetterHeaders", "GetterOptions"]);

/** What the members of an object are whose place says it, and not their own names. */
export function holdingUnder(key: string, value: unknown, { key: parent, holding }: Place): Holding {
  if (holding === "secret") return holding;
  if (parent === "GetterHeaders") return plainHeaders.has(key.toLowerCase()) ? "text" : "secret";
  if (holding === "written" || holding === "config") return holding;
  if (isConfig(key, value)) return "config";
  if (isWrittenKey(key)) return "written";
  const data = holding === "data" || (parent === "GetterOptions" && !plainOptions.has(key.toLowerCase()));
  if (data) return kindOfName(key) === undefined ? "data" : "secret";
  if (typeof value !== "object") return "text";
  if (key === "SignedIdentities") return "secret";
  // Of a volume they are a map of secrets, of a task a list of blocks that fetch some.
  return key === "Secrets" && !Array.isArray(value) ? "secret" : "text";
}

/** True for a key of Nomad's of which neither its name nor its place says that what stands under it is more than `text`. */
export function isOpenKey(key: string): boolean {
  const isConfig = configKeys.has(key) || key === "Source";
  return (kindOfName(key) === undefined || publicFields.has(key)) && !isConfig && !isWrittenKey(key);
}

/** True for a key under which people write what they like. */
export const isWrittenKey = judgedOnce((key) => writtenKeys.has(key.toLowerCase()));

/** The text of a template, of a job file and of its variables, and what a check sends. */
function isConfig(key: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  return configKeys.has(key) || (key === "Source" && /[\n{]/.test(value));
}

/** Where people write what they like, in small letters. */
const writtenKeys = new Set([
  ...["env", "meta", "canarymeta", "nodemeta", "tags", "canarytags", "header", "headers", "args", "config"],
  ...["command", "entrypoint", "labels", "variableflags", "options", "parameters", "mountoptions"],
]);
const configKeys = new Set(["EmbeddedTmpl", "Variables", "JobHCL", "Body", "data"]);
/** Fields of Nomad's own whose names only sound secret. */
const publicFields = new Set(["NextToken", "NomadTokenID", "DispatchIdempotencyToken", "SigningKeyID", "Key", "KeyID"]);
const plainHeaders = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-type",
  "host",
  "user-agent",
]);
const plainOptions = new Set([
  "archive",
  "checksum",
  "depth",
  "filename",
  "ref",
  "region",
  "rev",
  "version",
  "username",
  "user",
]);
