import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import type { Service } from "../../endpoints/job.ts";
import { services } from "../../endpoints/services.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { ifGiven } from "../shared/parts.ts";

/** A check of Nomad's own that fails now. */
export interface FailingCheck {
  readonly check: string;
  readonly service: string;
  /** "check alive of service shop-api fails: connection refused": with where it asks, if its output does not say that. */
  readonly sentence: string;
  /** Where it asks: "http://10.0.0.4:8080/health", "10.0.0.4:8080"; undefined where that is not known. */
  readonly at: string | undefined;
}

/**
 * The checks of an allocation that fail, each with where it asks: a request, and one more for each that fails. `known`: the
 * services of its job, where they were read.
 *
 * @throws NomadError where its node does not tell.
 */
export async function failingChecksOf(
  nomad: NomadClient,
  { ID }: Pick<AllocationStub, "ID">,
  known: readonly Service[] = [],
): Promise<FailingCheck[]> {
  const results = await nomad.get(allocations.checks, { allocation_id: ID });
  const failing = Object.values(results ?? {}).filter(({ Status }) => Status === "failure");
  return await Promise.all(
    failing.map(async ({ Check, Service, Output }) => {
      const address = await addressOf(nomad, Service, ID);
      const said = quotedLine(Output);
      const hidden = address === undefined || said.includes(address) ? "" : ` at ${address}`;
      return {
        ...{ check: Check, service: Service, at: address && asked(address, Check, named(known, Service)) },
        sentence: `check ${Check} of service ${Service}${hidden} fails: ${said}`,
      };
    }),
  );
}

/** Where the allocation is registered with the service. */
async function addressOf(nomad: NomadClient, service_name: string, id: string): Promise<string | undefined> {
  const filter = `AllocID == ${literal(id)}`;
  const found = await ifGiven(nomad.get(services.registrations, { service_name, filter }));
  const [only, ...others] = found ?? [];
  if (only === undefined || others.length > 0 || only.Port === 0) return undefined;
  return `${only.Address.includes(":") ? `[${only.Address}]` : only.Address}:${only.Port}`;
}

/** What the check asks there, as the job says; undefined where it asks another port. */
function asked(address: string, check: string, service: Service | undefined): string | undefined {
  const told = service?.Checks?.find(({ Name }) => Name === check);
  if (told?.PortLabel && told.PortLabel !== service?.PortLabel) return undefined;
  return told?.Type === "http" ? `${told.Protocol || "http"}://${address}${told.Path ?? ""}` : address;
}

const named = (known: readonly Service[], name: string) => known.find((service) => service.Name === name);
