import type { NodeStub } from "../../../endpoints/nodes.ts";
import { nearest } from "../../../text/nearest.ts";
import { all, some } from "../../../text/words.ts";
import { takesWork } from "../../nodes/words.ts";
import type { AskingGroup, AskingJob, AskingVolume } from "./asking.ts";
import { hostVolumesOf, mayFit, type Surroundings } from "./surroundings.ts";

/** Why a volume will not do, in words, and what would. */
interface Unfit {
  readonly sentence: string;
  readonly cures: readonly string[];
}

/**
 * All that Nomad means by "missing compatible host volumes" (scheduler/feasible, HostVolumeChecker): that there is no
 * volume of the name, or what is wrong with the one that is there. Undefined where it cannot be told.
 */
export function unfitVolumes(job: AskingJob, group: AskingGroup, seen: Surroundings): Unfit | undefined {
  for (const volume of hostVolumesOf(group)) {
    const here = seen.nodes.filter(({ HostVolumes }) => HostVolumes?.[volume.Source]);
    const make = (otherwise: string) => creation(job, group, volume, seen, otherwise);
    if (here.length === 0 && seen.complete) return absent(volume, seen, make);
    for (const node of here) {
      const unfit = unfitOn(node, volume, job, seen, make);
      if (unfit !== undefined) return unfit;
    }
  }
  // They are all there and fit: it is their nodes that something else rules out.
  const places = hostVolumesOf(group).flatMap(({ Source }) => {
    const names = seen.nodes.filter(({ HostVolumes }) => HostVolumes?.[Source]).map(({ Name }) => Name);
    return names.length > 0 ? [`host volume ${Source} is only on ${some(names, 3)}`] : [];
  });
  return places.length > 0 ? { sentence: all(places), cures: [] } : undefined;
}

/** How a volume is made that fits: on a node that has none of its name and may have the job; else `otherwise`. */
function creation(
  job: AskingJob,
  group: AskingGroup,
  volume: AskingVolume,
  seen: Surroundings,
  otherwise: string,
): string {
  const bare = { ...group, Volumes: null };
  const byName = seen.nodes.toSorted((one, other) => (one.Name < other.Name ? -1 : 1));
  const node = byName.find(
    (each) =>
      takesWork(each) &&
      each.HostVolumes?.[volume.Source] === undefined &&
      mayFit(job, bare, { node: each, whole: seen.whole.find(({ ID }) => ID === each.ID) }) !== false,
  );
  if (node === undefined || attachmentOf(volume) !== "file-system") return otherwise;
  return seen.createVolume({ name: volume.Source, node: node.Name, access: accessOf(volume) }, otherwise);
}

function absent({ Source }: AskingVolume, { nodes }: Surroundings, make: (otherwise: string) => string): Unfit {
  const names = [...new Set(nodes.flatMap(({ HostVolumes }) => Object.keys(HostVolumes ?? {})))];
  const near = nearest(Source, names);
  const others = near ?? (names.length > 0 ? some(names.toSorted(), 4) : "");
  // A directory that is there already is no dynamic one: that takes a change of the client's configuration, and its restart.
  const create = `${make("create it on a node (nomad volume create)")} makes an empty one; what is on a node's disk already needs a host_volume block in its client's configuration`;
  return {
    sentence: `no node has a host volume ${Source}${others === "" ? "" : `; there is ${others}`}`,
    cures:
      near === undefined
        ? [create, "correct the source of the volume in the job"]
        : [`set source = "${near}" in the volume block`, create],
  };
}

/** The modes that are asked for where the job says nothing of them. */
const accessOf = ({ AccessMode, ReadOnly }: AskingVolume) =>
  AccessMode || (ReadOnly ? "single-node-reader-only" : "single-node-writer");
const attachmentOf = ({ AttachmentMode }: AskingVolume) => AttachmentMode || "file-system";

/** Where the name is taken on each node: a node has one volume of a name. */
const anotherName = "create one of another name and set source to it";

function unfitOn(
  { Name: node, HostVolumes }: NodeStub,
  asked: AskingVolume,
  job: AskingJob,
  seen: Surroundings,
  make: (otherwise: string) => string,
): Unfit | undefined {
  const { Source: name, ReadOnly: readOnly } = asked;
  const { ID: id, ReadOnly: fixed } = HostVolumes?.[name] ?? { ReadOnly: false };
  const where = `host volume ${name} (on ${node})`;
  if (!id) {
    if (asked.Sticky) {
      return {
        sentence: `${where} is one of the client's configuration, and sticky needs a dynamic one`,
        cures: ["drop sticky from the volume block", make(anotherName)],
      };
    }
    if (fixed && !readOnly) {
      return {
        sentence: `${where} is read-only in the client's configuration, and the job asks to write`,
        cures: ["set read_only = true in the volume block", `let the client's configuration of ${node} allow writing`],
      };
    }
    return undefined;
  }
  if (!seen.volumes.has(id)) return undefined;
  const volume = seen.volumes.get(id);
  if (volume === undefined) {
    return {
      sentence: `${where} is not for namespace ${job.Namespace ?? "default"}`,
      cures: [`run the job in the volume's namespace`, make(anotherName)],
    };
  }
  if (volume.State !== "ready") {
    return {
      sentence: `${where} is ${volume.State || "not ready"}`,
      cures: [`${seen.listVolumes(id.slice(0, 8))} says how it is`],
    };
  }
  const [access, attachment] = [accessOf(asked), attachmentOf(asked)];
  const made = (volume.RequestedCapabilities ?? []).map((each) => ({
    ...each,
    fits: each.AttachmentMode === attachment,
  }));
  if (!made.some(({ AccessMode, fits }) => fits && AccessMode === access)) {
    const modes = [...new Set(made.filter(({ fits }) => fits).map(({ AccessMode }) => AccessMode))];
    const kinds = [...new Set(made.map(({ AttachmentMode }) => AttachmentMode))];
    const isMode = modes.length > 0;
    const [has, wants, field] = isMode
      ? [all(modes, "or"), access, "access_mode"]
      : [all(kinds, "or"), attachment, "attachment_mode"];
    const byDefault = isMode && !asked.AccessMode ? ", by default" : "";
    return {
      sentence: `${where} was created for ${has}, and the job asks for ${wants}${byDefault}`,
      cures: [
        `set ${field} = "${(isMode ? modes[0] : kinds[0]) ?? ""}" in the volume block`,
        make(`create one for ${wants} of another name and set source to it`),
      ],
    };
  }
  if (access === "single-node-reader-only" && !readOnly) return readOnlyFor(where, access, "set read_only = true");
  if (access === "single-node-writer" && readOnly) return readOnlyFor(where, access, "drop read_only");
  const users = volume.Allocations ?? [];
  if (access === "single-node-single-writer" && users.length > 0) {
    const names = [...new Set(users.map(({ JobID }) => JobID))];
    const own = names.length === 1 && names[0] === job.ID;
    return {
      sentence: `${where} has one writer at a time, and ${own ? "this job's own allocation" : some(names, 3)} has claimed it`,
      cures: own
        ? ["lower the count to 1, or ask for single-node-multi-writer of a volume made for it"]
        : [`stop ${names[0]}`, "use another volume, or one created for single-node-multi-writer"],
    };
  }
  if (asked.Sticky) {
    return {
      sentence: `${where} is not the one that the group has claimed before, and sticky holds it to that one`,
      cures: [
        `bring the claimed volume and its node back (${seen.listVolumes(name)} says who holds to which)`,
        "delete the claim (nomad volume claim delete)",
      ],
    };
  }
  return undefined;
}

function readOnlyFor(where: string, access: string, write: string): Unfit {
  return {
    sentence: `${where} is asked for as ${access}, which does not fit read_only`,
    cures: [`${write} in the volume block`],
  };
}
