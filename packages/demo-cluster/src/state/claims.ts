import type { VolumeRequest } from "./job-types.ts";
import type { VolumeClaim } from "./shelf.ts";
import type { Store } from "./store.ts";
import type { Allocation } from "./types.ts";

/** What an allocation's group asks for of host volumes. */
export function volumeRequests({ Job, TaskGroup }: Allocation): VolumeRequest[] {
  const group = Job.TaskGroups.find(({ Name }) => Name === TaskGroup);
  return Object.values(group?.Volumes ?? {}).filter(({ Type }) => Type === "host");
}

/** How a claim is found: a group has one on a volume at most. */
export function claimKey({ Namespace, JobID, TaskGroupName, VolumeID }: VolumeClaim): string {
  return [Namespace, JobID, TaskGroupName, VolumeID].join("\0");
}

/** The claims that come of placing an allocation: one for each sticky volume that it got. */
export function newClaims(store: Store, alloc: Allocation): VolumeClaim[] {
  return volumeRequests(alloc).flatMap(({ Sticky, Source }) => {
    const VolumeID = store.nodes.get(alloc.NodeID)?.HostVolumes[Source]?.ID;
    if (!Sticky || !VolumeID) return [];
    const claim = {
      ...{ ID: store.chance.uuid(), Namespace: alloc.Namespace, JobID: alloc.JobID, TaskGroupName: alloc.TaskGroup },
      ...{ AllocID: alloc.ID, VolumeID, VolumeName: Source, CreateIndex: 0, ModifyIndex: 0 },
    };
    const before = store.shelf.task_volume.get(claimKey(claim));
    return [before === undefined ? claim : { ...before, AllocID: alloc.ID }];
  });
}

/** The volumes that a job holds to and that none of its allocations has now. */
export function unmetClaims(store: Store, namespace: string, jobId: string): string[] {
  return [...store.shelf.task_volume.values()].flatMap((claim) => {
    if (claim.Namespace !== namespace || claim.JobID !== jobId) return [];
    const volume = store.shelf.host_volumes.get(claim.VolumeID);
    if (volume === undefined) return [];
    const met = [...store.allocs.values()].some(
      (alloc) =>
        alloc.DesiredStatus === "run" &&
        ["pending", "running"].includes(alloc.ClientStatus) &&
        (alloc.ID === claim.AllocID ||
          (alloc.Namespace === namespace &&
            alloc.JobID === jobId &&
            alloc.TaskGroup === claim.TaskGroupName &&
            alloc.NodeID === volume.NodeID)),
    );
    return met ? [] : [claim.VolumeID];
  });
}
