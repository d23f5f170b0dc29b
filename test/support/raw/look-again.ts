import { seal } from "../../../src/text/sealed.ts";
import { short } from "../../../src/text/words.ts";

/** Where the object that a write was about can be looked at, by its route; the id is the first group. */
const looks: readonly (readonly [route: RegExp, verb: string, id: (text: string) => string])[] = [
  [/^\/v1\/jobs?(?:\/([^/]+))?(?:\/|$)/, "job status", same],
  [/^\/v1\/(?:client\/)?allocation\/([^/]+)/, "alloc status", short],
  [/^\/v1\/deployment\/[^/]+\/([^/]+)/, "deployment status", short],
  [/^\/v1\/node\/pools?(?:\/([^/]+))?/, "node pool list", none],
  [/^\/v1\/node\/([^/]+)/, "node status", short],
  [/^\/v1\/client\/metadata/, "node status", none],
  [/^\/v1\/service\/[^/]+\/./, "service list", none],
  [/^\/v1\/var\/([^/]+)/, "var get", same],
  [/^\/v1\/namespace(?:\/|$)/, "namespace list", none],
  [/^\/v1\/volume/, "volume status", none],
  [/^\/v1\/acl\/token\//, "acl token list", none],
  [/^\/v1\/operator\/scheduler/, "operator scheduler get-config", none],
];

/** How to see whether a write was done whose answer is lost: the `nomad` command that shows its object. */
export function howToSee(path: string, namespace = "default"): string {
  const found = looks.find(([route]) => route.test(path));
  if (found === undefined) return "Look before you repeat it.";
  const [route, verb, toText] = found;
  const id = toText(decoded(route.exec(path)?.[1] ?? ""));
  const elsewhere =
    /^(node|namespace|operator|acl)/.test(verb) || namespace === "default" ? "" : ` -namespace ${namespace}`;
  return `Look before you repeat it: \`nomad ${verb}${elsewhere}${id && ` ${quotedWord(id)}`}\`.`;
}

function same(text: string): string {
  return text;
}

function none(): string {
  return "";
}

/** As a shell takes it. */
function quotedWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function decoded(part: string): string {
  try {
    return seal(decodeURIComponent(part));
  } catch {
    return part;
  }
}
