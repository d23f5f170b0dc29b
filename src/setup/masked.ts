import { type Node, parseTree } from "jsonc-parser";
import { withoutSecrets } from "../api/connect/address.ts";
import { settingsTable } from "../settings/table.ts";
import type { Host } from "./hosts.ts";

/**
 * The text of a host's file with a placeholder for each text value that is not known to hold no secret: all that is not the
 * entry's own, and of that what is in `secrets`, a secret setting, or no setting at all.
 */
export function masked(text: string, host: Host, name: string, secrets: readonly string[]): string {
  const root = parseTree(text.replace(/^\uFEFF/, " "), [], { allowTrailingComma: true });
  const values = root === undefined ? [] : textValues(root, []);
  const hidden = values.filter(({ node, path }) => {
    const [top, entry, part, variable] = path;
    if (top === "inputs") return false;
    if (top !== host.servers || entry !== name) return true;
    if (part === "env") return secrets.includes(String(variable)) || !isOpen(String(variable), String(node.value));
    return part === "args" && isSecretArgument(node);
  });
  return hidden.reduceRight(
    (whole, { node: { offset, length } }) => `${whole.slice(0, offset)}"..."${whole.slice(offset + length)}`,
    text,
  );
}

/** A text that is a value, and the keys under which it stands. */
interface TextValue {
  readonly node: Node;
  readonly path: readonly string[];
}

function textValues(node: Node, path: readonly string[]): TextValue[] {
  if (node.type === "string") return [{ node, path }];
  if (node.type !== "property") return (node.children ?? []).flatMap((child) => textValues(child, path));
  const [key, value] = node.children ?? [];
  return value === undefined ? [] : textValues(value, [...path, String(key?.value)]);
}

/** A setting that is not secret; an address may hold a user and password. */
function isOpen(variable: string, value: string): boolean {
  const setting = settingsTable.find(({ env }) => env === variable);
  return setting !== undefined && !setting.secret && withoutSecrets(value) === value;
}

/** The value of a flag that is secret, behind it or in one with it. */
function isSecretArgument({ parent, offset, value }: Node): boolean {
  const flags = settingsTable.flatMap(({ secret, flag }) => (secret ? [`--${flag}`] : []));
  const all = parent?.children ?? [];
  const before: unknown = all[all.findIndex((each) => each.offset === offset) - 1]?.value;
  return flags.some((flag) => before === flag || String(value).startsWith(`${flag}=`));
}
