import { Refusal } from "../../api/errors/refusal.ts";
import { type Node, type NodeMetadata, type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { span } from "../../text/time.ts";
import { firstLine, plural, some } from "../../text/words.ts";
import { inTime, lookTime } from "../jobs/change/follow.ts";
import { changes } from "../shared/changes.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep } from "../shared/next-step.ts";
import { given, type Part } from "../shared/parts.ts";
import { sendOnce } from "../shared/send-once.ts";
import type { Waiting } from "../shared/waiting.ts";
import { type MetaReaders, readMetaReaders } from "./meta-readers.ts";
import { nodeState } from "./words.ts";

/** Keys of a node's metadata that are set, and that are removed; the others stay as they are. */
export interface AskedMeta {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

const mostNamed = 8;

/**
 * Sets and removes single keys of a node's metadata, once, and follows it until the servers know of it, which takes some
 * seconds: what waits for it is placed then.
 *
 * @throws Refusal where the node's client cannot be asked, or the change cannot be; where the answer is lost.
 */
export async function setMetadata(
  nomad: NomadClient,
  node: NodeStub,
  asked: AskedMeta,
  signal: AbortSignal,
  waiting: Waiting,
): Promise<Answer> {
  check(asked);
  if (node.Status !== "ready") {
    throw new Refusal(
      `${node.Name} is ${nodeState(node)}: its metadata is kept by its client. ${unchanged}\nNext: ${showStep(nomad, "node", node.Name)}`,
    );
  }
  const before = await nomad.get(nodes.metadata, { node_id: node.ID });
  const planned = plan(before, asked);
  const touched = [...Object.keys(planned.set), ...planned.removed];
  if (touched.length === 0) {
    const names = [...Object.keys(asked.set), ...asked.unset];
    return {
      headline: `${some(names, mostNamed)} of ${node.Name} ${names.length === 1 ? "is" : "are"} so already. ${unchanged}`,
      data: dataOf(node, planned),
    };
  }
  const readers = await readMetaReaders(nomad, touched, signal);
  const began = nomad.now();
  const look = showStep(nomad, "node", node.Name);
  await sendOnce(
    async () => await nomad.write(nodes.setMetadata, { node_id: node.ID }, { NodeID: node.ID, Meta: bodyOf(planned) }),
    async () => seenSince(await nomad.get(nodes.metadata, { node_id: node.ID }), planned),
    look,
  );
  waiting.report("its client has it; waiting until the servers know it");
  const found = await inTime(
    nomad,
    waiting.until,
    async (limited) => await follow(limited, node.ID, planned, waiting.until),
  );
  const known = "value" in found && found.value;
  const when = known
    ? `the servers know it after ${span(nomad.now() - began)}`
    : `its client has it, and the servers do not know it yet${"fault" in found ? ` (${firstLine(found.fault)})` : ""}`;
  return {
    headline: `Metadata of ${node.Name}: ${planned.words.join(", ")}; ${when}`,
    sections: [...planned.notes, readerLine(readers)],
    next: steps(nomad, readers, known ? undefined : look),
    data: dataOf(node, planned),
  };
}

/** @throws Refusal for what the client would not take, or what says nothing. */
function check({ set, unset }: AskedMeta): void {
  const names = [...Object.keys(set), ...unset];
  if (names.length === 0) {
    throw new Refusal(`Say what is to be changed: set={"key":"value"}, unset=["key"]. ${unchanged}`);
  }
  const both = Object.keys(set).filter((name) => unset.includes(name));
  if (both.length > 0) throw new Refusal(`${some(both, mostNamed)} cannot be set and unset at once. ${unchanged}`);
  const odd = names.filter((name) => !/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/.test(name));
  if (odd.length === 0) return;
  const shown = odd.map((name) => JSON.stringify(name.slice(0, 80)));
  throw new Refusal(
    `${some(shown, mostNamed)} can be no key of metadata: letters, digits, _ and -, in parts between dots. ${unchanged}`,
  );
}

interface Planned {
  readonly set: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
  readonly words: readonly string[];
  readonly notes: readonly string[];
}

/** What of it is a change, and how it is said. */
function plan({ Meta, Static }: NodeMetadata, { set, unset }: AskedMeta): Planned {
  const had = new Map(Object.entries(Meta ?? {}));
  const changed = Object.entries(set).filter(([name, value]) => had.get(name) !== value);
  const removed = unset.filter((name) => had.has(name));
  const own = removed.filter((name) => Object.hasOwn(Static ?? {}, name));
  const was = (name: string) => (had.has(name) ? ` (was ${had.get(name) || "empty"})` : "");
  return {
    set: Object.fromEntries(changed),
    removed,
    words: [
      ...changed.map(([name, value]) => `${name} = ${value || "empty"}${was(name)}`),
      ...removed.map((name) => `${name} removed${was(name)}`),
    ],
    notes: own.map(
      (name) =>
        `${name} stands in the configuration of the client (${Static?.[name] || "empty"}): it is hidden, over restarts, too, until it is set again`,
    ),
  };
}

const bodyOf = ({ set, removed }: Planned) => ({ ...set, ...Object.fromEntries(removed.map((name) => [name, null])) });

/** Whether metadata is as it was to be. */
function isSo(meta: Readonly<Record<string, string>> | null | undefined, { set, removed }: Planned): boolean {
  const now = meta ?? {};
  return (
    Object.entries(set).every(([name, value]) => now[name] === value) &&
    removed.every((name) => !Object.hasOwn(now, name))
  );
}

function seenSince({ Meta }: NodeMetadata, planned: Planned): string {
  return isSo(Meta, planned) ? "its client has it" : "its client does not have it";
}

async function follow(nomad: NomadClient, nodeId: string, planned: Planned, until: number): Promise<boolean> {
  const next = changes(nomad, nodes.get, { node_id: nodeId }, until - lookTime);
  for (let now: Node | undefined = await next(); now !== undefined; now = await next()) {
    if (isSo(now.Meta, planned)) return true;
  }
  return false;
}

function readerLine(readers: Part<MetaReaders>): string {
  const read = given(readers);
  if (read === undefined) return "Which jobs are placed by it is not known: they could not be read";
  if (read.jobs.length === 0) return "";
  const names = read.jobs.map(({ id }) => id);
  const count = read.more ? `more than ${plural(names.length, "job")}` : plural(names.length, "job");
  return `Placed by it: ${some(names, mostNamed)}${read.more ? ` (${count})` : ""}. What of them waits for it is placed by itself; what runs stays where it is`;
}

function steps(nomad: NomadClient, readers: Part<MetaReaders>, look: string | undefined): string[] {
  const first = given(readers)?.jobs[0];
  return [
    ...(look === undefined ? [] : [`${look} says whether they know it`]),
    ...(first === undefined ? [] : [`${showStep(nomad.in(first.namespace), "job", first.id)} shows how it is placed`]),
  ];
}

const dataOf = ({ ID, Name }: NodeStub, { set, removed }: Planned) => ({ node_id: ID, name: Name, set, removed });
