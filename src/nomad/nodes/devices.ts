import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { Node } from "../../endpoints/nodes.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";

/** The devices of a node, with how many are free and healthy: "devices 3 of 4 nvidia/gpu/T4 free". Empty where it has none. */
export function devicesText({ NodeResources }: Node, live: readonly AllocationStub[] | undefined): string {
  const kinds = (NodeResources?.Devices ?? []).map(({ Vendor, Type, Name, Instances }) => {
    const there = Instances ?? [];
    const well = there.filter(({ Healthy }) => Healthy);
    const taken = new Set(
      (live ?? []).flatMap(({ AllocatedResources }) =>
        Object.values(AllocatedResources?.Tasks ?? {}).flatMap(({ Devices }) =>
          (Devices ?? [])
            .filter((each) => each.Vendor === Vendor && each.Type === Type && each.Name === Name)
            .flatMap(({ DeviceIDs }) => DeviceIDs ?? []),
        ),
      ),
    );
    const free = live && `${well.filter(({ ID }) => !taken.has(ID)).length} of `;
    const ill = there.length - well.length;
    const name = quotedLine([Vendor, Type, Name].join("/"), 60);
    return `${free ?? ""}${there.length} ${name}${live ? " free" : ""}${ill > 0 ? ` (${ill} unhealthy)` : ""}`;
  });
  return kinds.length > 0 ? `devices ${all(kinds)}` : "";
}
