import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import { type Registration, services } from "../../endpoints/services.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { lines, plural, short, some } from "../../text/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { toolOrCommand } from "../shared/next-step.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { sendOnce } from "../shared/send-once.ts";

/** A registration whose allocation is dead or gone, so that nothing answers at its address. */
export interface Leftover {
  readonly registration: Registration;
  /** What became of its allocation, in words. */
  readonly why: string;
}

/** Registrations of one name that are looked at: 0.4 KB each. */
const most = 100;
const mostNamed = 5;

/**
 * The registration of a service that is left over, of the allocation whose id begins so where one is named: two requests.
 *
 * @throws Refusal where there is no such registration, where its allocation lives, or where several are left over.
 */
export async function findLeftover(
  nomad: NomadClient,
  name: string,
  allocation: string | undefined,
): Promise<Leftover> {
  if (nomad.namespace === "*")
    throw new Refusal(`A service is in one namespace: name it with namespace=. ${unchanged}`);
  const { items, next } = await nomad.list(services.registrations, { service_name: name, per_page: most });
  const begun = allocation?.trim().toLowerCase() ?? "";
  if (allocation !== undefined && begun.length < 8) {
    throw new Refusal(`${allocation} is too short for an allocation's id: give 8 characters. ${unchanged}`);
  }
  const asked = items.filter(({ AllocID }) => AllocID.startsWith(begun));
  const list = toolOrCommand(nomad, ["list_services", { name }], ["service info", name]);
  if (asked.length === 0) {
    const of = allocation === undefined ? "" : ` of allocation ${allocation}`;
    throw new Refusal(
      `No service ${JSON.stringify(name.slice(0, 80))}${of} is registered in namespace ${nomad.namespace}. ${unchanged}\nNext: ${toolOrCommand(nomad, ["list_services", {}], ["service list"])}`,
    );
  }
  const known = await readAllocations(nomad, asked);
  const left = asked.flatMap((registration) => {
    const why = endOf(known.get(registration.AllocID));
    return why === undefined ? [] : [{ registration, why }];
  });
  const [only, ...others] = left;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    const ids = left.map(({ registration: { AllocID }, why }) => `${short(AllocID)} (${why})`);
    throw new Refusal(
      `${plural(left.length, "registration")} of ${name} are left over: ${some(ids, mostNamed)}. Say which with allocation_id=. ${unchanged}`,
    );
  }
  const jobs = [...new Set(asked.map(({ JobID }) => JobID))];
  throw new Refusal(
    `${name} is registered by ${next === undefined ? "" : "more than "}${plural(asked.length, "allocation")} of ${some(jobs, mostNamed)} that ${asked.length === 1 ? "lives" : "live"}: its client would not register again what is deleted. ${unchanged}\nNext: ${list}`,
  );
}

async function readAllocations(
  nomad: NomadClient,
  rows: readonly Registration[],
): Promise<ReadonlyMap<string, AllocationStub>> {
  const filter = [...new Set(rows.map(({ AllocID }) => AllocID))].map((id) => `ID == ${literal(id)}`).join(" or ");
  const query = { filter, task_states: false, per_page: rows.length };
  return new Map((await nomad.list(allocations.list, query)).items.map((each) => [each.ID, each]));
}

/** What became of an allocation that has ended, or is gone; undefined of one that lives, or may. */
function endOf(allocation: AllocationStub | undefined): string | undefined {
  if (allocation === undefined) return "its allocation is gone";
  const { ClientStatus, DesiredStatus } = allocation;
  if (ClientStatus === "complete" || ClientStatus === "failed" || ClientStatus === "lost") {
    return `its allocation is ${ClientStatus}`;
  }
  // Its client, should it return, stops it first of all.
  if (ClientStatus === "unknown" && DesiredStatus !== "run") return "stopped while its client was out of contact";
  return undefined;
}

const addressOf = ({ Address, Port }: Registration) => (Port === 0 ? "without a port" : `${Address}:${Port}`);

/** What a person is shown before a registration is deleted. */
export function previewLeftover(nomad: NomadClient, { registration, why }: Leftover): Preview {
  const { ID, ServiceName, AllocID, JobID } = registration;
  return {
    text: lines(
      `Delete a registration of service ${ServiceName} at which nothing answers: ${why}`,
      `  service: ${ServiceName} (${addressOf(registration)}, allocation ${short(AllocID)} of ${JobID})`,
      ...placeLines(nomad),
    ),
    stamp: stampOf(nomad, nomad.namespace, ID, why),
  };
}

/** Deletes the registration, once, and looks whether it is gone. @throws Refusal where it is not, or its answer is lost. */
export async function deleteLeftover(nomad: NomadClient, { registration, why }: Leftover): Promise<Answer> {
  const { ID, ServiceName, AllocID, JobID } = registration;
  const what = `The registration of ${ServiceName} by allocation ${short(AllocID)} of ${JobID}`;
  const look = async () => {
    const { items } = await nomad.list(services.registrations, { service_name: ServiceName, per_page: most });
    return { there: items.some((each) => each.ID === ID), left: items.length };
  };
  const list = toolOrCommand(nomad, ["list_services", { name: ServiceName }], ["service info", ServiceName]);
  try {
    await sendOnce(
      async () => await nomad.write(services.delete, { service_name: ServiceName, service_id: ID }),
      async () => ((await look()).there ? "it is still there" : "it is gone"),
      list,
    );
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind !== "not_found") throw error;
    throw new Refusal(`${what} is gone: somebody else has deleted it. ${unchanged}`);
  }
  const { there, left } = await look();
  if (there) throw new Refusal(`Nomad took the deletion, but it is there still.\nNext: ${list}`);
  return {
    headline: `${what} is deleted (${why}); ${left === 0 ? "nothing else offers it" : `${left} of it ${left === 1 ? "is" : "are"} left`}`,
    data: { service: ServiceName, allocation_id: AllocID, job_id: JobID, left },
  };
}
