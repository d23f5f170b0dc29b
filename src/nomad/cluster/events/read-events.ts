import { Refusal } from "../../../api/errors/refusal.ts";
import type { ClusterEvent, EventFrame } from "../../../endpoints/events.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { type Ending, followEvents } from "./source.ts";
import { createTeller, type Told, timeOf } from "./tell.ts";

export const topics = ["job", "allocation", "evaluation", "deployment", "node", "service"] as const;
export type Topic = (typeof topics)[number];

/** Which events, and for how long. */
export interface EventsWanted {
  /** One topic; undefined for all but services, and of evaluations only those that went wrong. */
  readonly topic: Topic | undefined;
  readonly job: string | undefined;
  /** The full id of a node: its own events and those of the allocations on it. */
  readonly node: string | undefined;
  /** 0: only what the server still holds. */
  readonly seconds: number;
  /** The call's own. */
  readonly signal: AbortSignal;
  /** Hears of each event that happens while the call waits. */
  report(message: string): void;
}

/** What the stream gave. */
export interface EventsRead {
  /** In the order in which they happened. */
  readonly lines: readonly Told[];
  /** How many there were, before the oldest of very many were left out. */
  readonly count: number;
  /** How many happened after the call began. */
  readonly fresh: number;
  /** When the oldest event happened that the server still holds, ms, whatever it was about; as far as the token sees. */
  readonly reaches: number | undefined;
  /** Events that could not be read. */
  readonly skipped: number;
  /** Why it ended: its time was over, the server ended it, or it gave too much. */
  readonly ended: Exclude<Ending, "denied">;
  /** True where the token may not read the events of nodes, which were then left out. */
  readonly withoutNodes: boolean;
}

/** So many lines are kept, the newest. */
const mostLines = 5_000;
/** The server's time is known to a second: what happened this long after the call began was not in the buffer then; ms. */
const surelyAfter = 1_500;

const names: Readonly<Record<Topic, string>> = {
  job: "Job",
  allocation: "Allocation",
  evaluation: "Evaluation",
  deployment: "Deployment",
  node: "Node",
  service: "Service",
};

/**
 * Reads the server's event buffer (its last 100 log entries, of all objects) and what happens within `seconds`.
 *
 * @throws Refusal where the token may not read them.
 */
export async function readEvents(nomad: NomadClient, wanted: EventsWanted): Promise<EventsRead> {
  const asked = asks(wanted);
  const narrow = asked.some((topic) => !topic.endsWith(":*"));
  const [all, start] = await Promise.all([
    attempt(nomad, wanted, asked),
    narrow ? startOfBuffer(nomad, wanted.signal) : undefined,
  ]);
  const earliest = (read: { readonly reaches: number | undefined }) =>
    read.reaches === undefined || start === undefined ? (start ?? read.reaches) : Math.min(start, read.reaches);
  if (all !== undefined) return { ...all, reaches: earliest(all), withoutNodes: false };
  // Nomad refuses all topics where it refuses one, and nodes need a permission of their own.
  const others = asked.filter((topic) => !topic.startsWith("Node"));
  const some = others.length < asked.length && others.length > 0 ? await attempt(nomad, wanted, others) : undefined;
  if (some !== undefined) return { ...some, reaches: earliest(some), withoutNodes: true };
  const where = nomad.namespace === "*" ? "every namespace (name one with namespace=)" : `namespace ${nomad.namespace}`;
  throw new Refusal(
    `Nomad closed the event stream before its first line: the token may not read these events.\nIt needs the capability read-job in ${where}; for nodes \`node { policy = "read" }\`.`,
  );
}

/** The `topic` parameters. A job id with a colon cannot be written there: then all of the topic are asked for. */
function asks({ topic, job, node }: EventsWanted): string[] {
  const usual: Topic[] = node ? ["node", "allocation"] : ["job", "allocation", "evaluation", "deployment", "node"];
  const chosen = topic ? [topic] : usual.filter((each) => job === undefined || each !== "node");
  return chosen.map((each) => {
    if (each === "node") return `Node:${node ?? "*"}`;
    return `${names[each]}:${job === undefined || job.includes(":") ? "*" : job}`;
  });
}

/** When the oldest event of the buffer happened: of one job's events alone nobody can tell how far back they would reach. */
async function startOfBuffer(nomad: NomadClient, signal: AbortSignal): Promise<number | undefined> {
  let oldest: number | undefined;
  const topics = ["Job:*", "Allocation:*", "Evaluation:*", "Deployment:*"];
  await followEvents(nomad, { topics, seconds: 0, signal }, (line) => {
    if (line.kind === "frame") oldest = timeOfFrame(line.frame);
    return oldest === undefined;
  });
  return oldest;
}

/** When one of its events says that it happened. */
function timeOfFrame({ Events }: EventFrame): number | undefined {
  for (const event of Events ?? []) {
    const at = timeOf(event);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** Undefined where Nomad does not let the token read these topics. */
async function attempt(
  nomad: NomadClient,
  { topic, job, node, seconds, signal, report }: EventsWanted,
  asked: readonly string[],
): Promise<Omit<EventsRead, "withoutNodes"> | undefined> {
  const tell = createTeller(topic === "evaluation");
  const fits = (event: ClusterEvent) =>
    (job === undefined || jobOf(event) === job) &&
    (node === undefined || event.Payload?.Node !== undefined || event.Payload?.Allocation?.NodeID === node);
  const began = nomad.now();
  const lines: Told[] = [];
  let [count, fresh, skipped] = [0, 0, 0];
  let reaches: number | undefined;
  let last: number | undefined;
  const ended = await followEvents(nomad, { topics: asked, seconds, signal }, (line) => {
    if (line.kind === "skipped") skipped++;
    if (line.kind !== "frame") return true;
    const events = line.frame.Events ?? [];
    // What has no time of its own happened with what else is in its frame, or with what stands before it.
    last = timeOfFrame(line.frame) ?? last;
    reaches ??= last;
    if (seconds === 0 && events.some((event) => (timeOf(event) ?? 0) > began + surelyAfter)) return false;
    for (const event of events.filter(fits)) {
      const told = tell(event);
      if (told === undefined) continue;
      const at = told.at ?? last;
      count++;
      if (at !== undefined && at >= began) {
        fresh++;
        report(told.text);
      }
      lines.push({ text: told.text, at });
      if (lines.length > mostLines) lines.shift();
    }
    return true;
  });
  return ended === "denied" ? undefined : { lines, count, fresh, reaches, skipped, ended };
}

function jobOf({ Payload, Key, Topic }: ClusterEvent): string | undefined {
  if (Topic === "Job") return Key;
  return (Payload?.Allocation ?? Payload?.Evaluation ?? Payload?.Deployment ?? Payload?.Service)?.JobID;
}
