import { literal } from "../../api/request/path.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import { type HostVolume, volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { span } from "../../text/time.ts";
import { firstLine, short, some } from "../../text/words.ts";
import { inTime, lookTime } from "../jobs/change/follow.ts";
import { changes } from "../shared/changes.ts";
import { showStep } from "../shared/next-step.ts";
import { given } from "../shared/parts.ts";
import { sendOnce } from "../shared/send-once.ts";
import type { Waiting } from "../shared/waiting.ts";
import { readNamers } from "./namers.ts";
import { type AskedVolume, type PlannedVolume, placed } from "./plan.ts";
import { listStep } from "./steps.ts";
import { volumeState } from "./words.ts";

const mebibyte = 1024 * 1024;
/** The plugin that is built in: it makes a directory, for its client's user alone, and knows no sizes. */
const builtIn = "mkdir";

/** What is said where the volume is there already, on the node that was named. */
export async function thereAnswer(
  nomad: NomadClient,
  { there, node }: Extract<PlannedVolume, { readonly there: unknown }>,
): Promise<Answer> {
  return {
    headline: `Host volume ${placed(there, node.Name)} is there already: ${volumeState(there, node).text}. Its namespace is ${there.Namespace}. Nothing was changed.`,
    next: [`${listStep(nomad, short(there.ID))} says who uses it`],
    data: dataOf(there.ID, node, there.State ?? ""),
  };
}

/**
 * Has the plugin make the volume on the node, once, and follows it until its node has told the servers of it, which takes
 * some seconds: no job is placed with it before.
 *
 * @throws Refusal where the answer is lost; NomadError where the plugin or Nomad refuses it.
 */
export async function createVolume(
  nomad: NomadClient,
  asked: AskedVolume,
  node: NodeStub,
  signal: AbortSignal,
  waiting: Waiting,
): Promise<Answer> {
  const look = listStep(nomad, asked.name);
  const began = nomad.now();
  const { Volume: made } = await sendOnce(
    async () => await nomad.write(volumes.create, {}, { Volume: bodyOf(nomad, asked, node) }),
    async () => await seenSince(nomad, asked.name, node),
    look,
  );
  waiting.report(`made on ${node.Name}; waiting until the servers know it`);
  const found = await inTime(nomad, waiting.until, async (limited) => await follow(limited, made, waiting.until));
  const last = "fault" in found ? made : found.value;
  const namers = given(await readNamers(nomad, asked.name, signal));
  const waits = namers?.jobs.map(({ id }) => id) ?? [];
  const data = { ...dataOf(made.ID, node, last.State), path: made.HostPath };
  const head = `Host volume ${placed(made, node.Name)} made in namespace ${made.Namespace}`;
  const sections = [`Its directory: ${made.HostPath}${rights(asked)}`, capacity(asked), usage(asked)];
  if (last.State === "ready") {
    return {
      headline: `${head}: ready after ${span(nomad.now() - began)}`,
      sections: [...sections, waits.length > 0 && `Named by ${some(waits, 5)}: what waits for it is placed by itself`],
      next: waits[0] === undefined ? [] : [`${showStep(nomad, "job", waits[0])} shows whether it is placed now`],
      data,
    };
  }
  const why = "fault" in found ? ` (${firstLine(found.fault)})` : "";
  return {
    headline:
      last.State === "unavailable"
        ? `${head}, but its node says that it is unavailable`
        : `${head}, but the servers do not know it as ready yet${why}: no job is placed with it until then`,
    sections,
    next: [`${look} says how it is`],
    data,
  };
}

const dataOf = (id: string, node: NodeStub, state: string) => ({ volume_id: id, node: node.Name, state });

function bodyOf(nomad: NomadClient, asked: AskedVolume, { ID }: NodeStub) {
  return {
    ...{ Namespace: nomad.namespace, Name: asked.name, NodeID: ID, PluginID: asked.plugin },
    ...(asked.capacity_min !== undefined && { RequestedCapacityMinBytes: asked.capacity_min * mebibyte }),
    // Nomad takes no lower bound without an upper one.
    ...((asked.capacity_max ?? asked.capacity_min) !== undefined && {
      RequestedCapacityMaxBytes: (asked.capacity_max ?? asked.capacity_min ?? 0) * mebibyte,
    }),
    RequestedCapabilities: [{ AccessMode: asked.access_mode, AttachmentMode: "file-system" }],
    ...(asked.parameters !== undefined && { Parameters: asked.parameters }),
  };
}

async function seenSince(nomad: NomadClient, name: string, node: NodeStub): Promise<string> {
  const filter = `Name == ${literal(name)}`;
  const { items } = await nomad.list(volumes.list, { type: "host", node_id: node.ID, filter, per_page: 1 });
  const [there] = items;
  return there === undefined ? `there is no volume ${name} on ${node.Name}` : `${placed(there, node.Name)} is there`;
}

async function follow(nomad: NomadClient, made: HostVolume, until: number): Promise<HostVolume> {
  const next = changes(nomad, volumes.host, { volume_id: made.ID }, until - lookTime);
  let last = made;
  for (let now = await next(); now !== undefined; now = await next()) {
    last = now;
    if (now.State !== "pending") break;
  }
  return last;
}

/** mkdir makes a directory that only the user of the client may enter, unless its parameters say more. */
function rights({ plugin, parameters = {} }: AskedVolume): string {
  if (plugin !== builtIn || Object.keys(parameters).length > 0) return "";
  return ", for the client's user alone (mode 0700): a task that runs as another needs parameters mode, uid or gid";
}

function capacity({ plugin, capacity_min: min, capacity_max: max }: AskedVolume): string {
  return plugin === builtIn && (min !== undefined || max !== undefined) ? "mkdir holds it to no size" : "";
}

/** What a group's `volume` block has to say to get it. */
function usage({ name, access_mode: mode }: AskedVolume): string {
  const readOnly = mode === "single-node-reader-only" ? ", read_only true" : "";
  return `A job asks for it with type "host", source "${name}", access_mode "${mode}", attachment_mode "file-system"${readOnly}`;
}
