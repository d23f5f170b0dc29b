import { unmetClaims, volumeRequests } from "../state/claims.ts";
import type { TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";
import type { Allocation } from "../state/types.ts";

/** Whether an allocation's group asks to write to a host volume of that name, or to read it. */
export function usesVolume(alloc: Allocation, name: string): boolean {
  return volumeRequests(alloc).some(({ Source }) => Source === name);
}

/** Whether a node has all host volumes of the group, free for what it asks (scheduler/feasible, HostVolumeChecker). */
export function hasVolumes(
  store: Store,
  {
    group,
    namespace,
    jobId,
    node,
    others,
  }: { group: TaskGroup; namespace: string; jobId: string; node: Node; others: readonly Allocation[] },
): boolean {
  const asked = Object.values(group.Volumes ?? {}).filter(({ Type }) => Type === "host");
  return asked.every((request) => {
    const here = node.HostVolumes[request.Source];
    if (here === undefined) return false;
    if (!here.ID) return !request.Sticky && (Boolean(request.ReadOnly) || !here.ReadOnly);
    const volume = store.shelf.host_volumes.get(here.ID);
    if (volume === undefined || volume.Namespace !== namespace) return false;
    const access = request.AccessMode || (request.ReadOnly ? "single-node-reader-only" : "single-node-writer");
    const attachment = request.AttachmentMode || "file-system";
    const made = volume.RequestedCapabilities.some(
      ({ AccessMode, AttachmentMode }) => AccessMode === access && AttachmentMode === attachment,
    );
    if (!made) return false;
    const held = request.Sticky ? unmetClaims(store, namespace, jobId) : [];
    if (held.length > 0 && !held.includes(volume.ID)) return false;
    if (access === "single-node-reader-only") return Boolean(request.ReadOnly);
    if (access === "single-node-writer") return !request.ReadOnly;
    if (access === "single-node-multi-writer") return true;
    return !others.some((other) =>
      volumeRequests(other).some(({ Source, ReadOnly }) => Source === volume.Name && !ReadOnly),
    );
  });
}
