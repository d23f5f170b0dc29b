import type { AllocationStub } from "../../endpoints/allocations.ts";

/** A port of an allocation: "http 10.0.0.4:8080", and what it is inside where that is another. */
export function portTexts({ AllocatedResources: given }: Pick<AllocationStub, "AllocatedResources">): string[] {
  return (given?.Shared?.Ports ?? []).map(({ Label, HostIP, Value, To }) => {
    const host = HostIP.includes(":") ? `[${HostIP}]` : HostIP;
    return `${Label} ${host}:${Value}${To > 0 && To !== Value ? ` (${To} inside)` : ""}`;
  });
}
