import { nearest } from "../text/nearest.ts";
import { seal } from "../text/sealed.ts";

/** An argument that a tool does not have. */
export interface Stray {
  /** True where it is let through, and nobody reads it. */
  readonly unread: boolean;
  /** The parameter that was most likely meant. */
  readonly near?: string | undefined;
  /** Its name, as it may be shown. */
  readonly shown: string;
}

/** What hosts are known to add to the arguments by themselves, for their own books; words as {@link wordsOf} gives them. */
const ofHosts = new Set([
  // n8n, and frameworks that hand the whole of their own call on
  ...["tool call id", "tool use id", "call id", "session id", "request id", "message id", "chat input"],
  ...["conversation id", "thread id", "trace id", "correlation id"],
  // Cline's list of what is done
  "task progress",
  // Cursor and others, for tools that need no arguments
  ...["random string", "dummy"],
  // what belongs beside the arguments, in the request
  ...["meta", "progress token"],
]);

/** Words of limits: who gives one means that less should happen, or elsewhere, or not yet. */
const limits = new Set([
  ...["dry", "run", "preview", "plan", "simulate", "test", "check", "validate", "verify", "confirm", "safe", "ask"],
  ...[
    "force",
    "no",
    "not",
    "skip",
    "if",
    "unless",
    "when",
    "until",
    "before",
    "after",
    "at",
    "index",
    "version",
    "cas",
  ],
  ...[
    "count",
    "max",
    "maximum",
    "min",
    "minimum",
    "limit",
    "only",
    "just",
    "first",
    "last",
    "percent",
    "size",
    "batch",
  ],
  ...["exclude", "except", "include", "filter", "match", "where", "prefix", "contains", "since", "timeout", "wait"],
  ...[
    "namespace",
    "ns",
    "region",
    "cluster",
    "datacenter",
    "dc",
    "pool",
    "env",
    "environment",
    "target",
    "scope",
    "all",
  ],
  // What is asked about: an answer about all of them would be taken for one about this.
  ...["job", "jobs", "node", "nodes", "allocation", "alloc", "deployment", "evaluation", "service", "group", "task"],
]);

/** The longest name that is looked at, in characters. */
const longestName = 64;

/**
 * Says of an argument that a tool does not have whether the call goes on without it. One rule for all tools:
 *
 * - what hosts are known to add for their own books is let through;
 * - what is near one of the tool's `names` (the same words but for some that one of them has more, or an edit or two) is
 *   refused with that name: it was meant;
 * - what has a word of a limit is refused: the answer would be about more than was asked for;
 * - anything else is let through where the tool only `reads`. Where it changes something, a wish that is not understood
 *   must not be passed over, so it is refused.
 */
export function judgeStray(key: string, names: readonly string[], reads: boolean): Stray {
  const shown = JSON.stringify(seal(key.slice(0, 80)));
  if (key.length > longestName) return { unread: false, shown };
  const words = wordsOf(key);
  if (ofHosts.has(words.join(" "))) return { unread: true, shown };
  const near =
    names.find((name) => sameBut(words, wordsOf(name))) ??
    nearest(words.join(""), names, (name) => wordsOf(name).join(""));
  if (near !== undefined) return { unread: false, near, shown };
  return { unread: reads && !words.some((word) => limits.has(word)), shown };
}

/** `toolCallId`, `tool_call_id` and `Tool-Call-ID` are tool, call and id. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** True where all words of the one stand in the other, a word also by its beginning: `alloc`, `nodes`. */
function sameBut(one: readonly string[], other: readonly string[]): boolean {
  const [few, many] = one.length <= other.length ? [one, other] : [other, one];
  return few.length > 0 && few.every((word) => many.some((each) => alike(word, each)));
}

function alike(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short === long || (short.length >= 3 && long.startsWith(short));
}
