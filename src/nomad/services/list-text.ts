import type { Job, Service } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { gather } from "../../text/gather.ts";
import { table } from "../../text/table.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, plural, short, some } from "../../text/words.ts";
import { showStep, toolOrCommand } from "../shared/next-step.ts";
import type { Instance } from "./instances.ts";
import { type ListedServices, mostOfEach } from "./list.ts";

/** So many checks that fail are told with what one of them saw. */
const mostFailing = 3;

/** Where services answer and which of their checks fail. */
export function servicesAnswer(found: ListedServices): Answer {
  const { instances, next, nomad, note } = found;
  const ordered = instances.toSorted((one, other) => Number(Boolean(other.failing)) - Number(Boolean(one.failing)));
  const failing = ordered.filter((each) => each.failing !== undefined);
  const told = [...gather(failing, ({ name, failing: check }) => `${name}\n${check?.Check}`).values()];
  return {
    note,
    headline: headline(found, failing),
    sections: [
      ordered.length > 0 && `\n${rows(ordered, nomad)}`,
      ...told.slice(0, mostFailing).map(([first], index) => first && `${index === 0 ? "\n" : ""}${seen(first)}`),
      ...notes(found),
    ],
    next: [...steps(found, failing), ...(next === undefined ? [] : [`cursor=${next}`])],
    data: { services: ordered.map(data), cursor: next },
  };
}

function headline(found: ListedServices, failing: readonly Instance[]): string {
  const { of, instances, total, next, nomad, job } = found;
  const where = nomad.namespace === "*" ? "all namespaces" : `namespace ${nomad.namespace}`;
  const ill = [...new Set(failing.map(({ name }) => name))];
  const asked = instances.filter(({ checked }) => checked).length;
  const known = asked === instances.length ? "" : ` of ${asked} asked`;
  const state =
    ill.length > 0
      ? `${plural(failing.length, "instance")}${known} with a check that fails${of.kind === "service" ? "" : `: ${some(ill, 5)}`}`
      : asked === 0
        ? "checks not known"
        : instances.some(({ health }) => health === "healthy" || health.endsWith(" pending"))
          ? `no check${known} fails`
          : `no instance${known} has a check`;
  if (of.kind === "all") {
    if (total === 0) return `No service of Nomad's own provider is registered in ${where}`;
    const shown = new Set(instances.map(({ namespace, name }) => `${namespace}/${name}`)).size;
    const follow = next === undefined ? "" : `, ${shown} shown`;
    return `${plural(total, "service")} in ${where}${follow}; ${state}`;
  }
  const more = next !== undefined || found.more.length > 0 ? "more than " : "";
  if (of.kind === "service") return `${of.name} (${where}): ${more}${plural(instances.length, "instance")}; ${state}`;
  if (instances.length === 0) return `${of.name} (${where}) has no instance of a service: ${why(job)}`;
  return `${of.name} (${where}): ${plural(total, "service")}, ${more}${plural(instances.length, "instance")}; ${state}`;
}

/** Why a job has no instance of a service. */
function why(job: Job | undefined): string {
  if (job === undefined) return "it is not registered";
  const declared = declaredBy(job);
  if (declared.length === 0) return "its job file declares none";
  const ours = declared.filter(({ Provider }) => Provider === "nomad");
  if (ours.length === 0) return `${some(names(declared), 5)} are Consul's, which are not seen here`;
  return `${some(names(ours), 5)} of its job file ${job.Stop ? "ended with it: it is stopped" : "are registered by what runs, and nothing of it does"}`;
}

function declaredBy({ TaskGroups }: Job): Service[] {
  return (TaskGroups ?? []).flatMap(({ Services, Tasks }) => [
    ...(Services ?? []),
    ...(Tasks ?? []).flatMap((task) => task.Services ?? []),
  ]);
}

const names = (services: readonly Service[]) => services.map(({ Name }) => Name);

function rows(instances: readonly Instance[], nomad: NomadClient): string {
  const everywhere = nomad.namespace === "*";
  const cells = instances.map((each) => [
    each.name,
    ...(everywhere ? [each.namespace] : []),
    each.address || "no address",
    each.on,
    each.jobId,
    short(each.allocationId),
    each.health.replace(/^checks /, ""),
  ]);
  return table(
    ["service", ...(everywhere ? ["namespace"] : []), "address", "node", "job", "allocation", "checks"],
    cells,
  );
}

/** What a check saw that fails. */
function seen({ name, address, failing }: Instance): string {
  const said = quotedLine(failing?.Output ?? "", 160);
  return `check ${failing?.Check} of ${name} at ${address}: ${said || "no output"}`;
}

function notes({ of, instances, more, unread, elsewhere, total, job }: ListedServices): string[] {
  const unasked = instances.filter(({ health }) => health === "checks not asked").length;
  const consul =
    of.kind === "job" && job !== undefined ? declaredBy(job).filter((each) => each.Provider === "consul") : [];
  const told = [
    of.kind === "all" && more.length > 0 && `Of ${some(more, 5)} only ${mostOfEach} instances are shown.`,
    unasked > 0 && `The checks of ${plural(unasked, "instance")} were not asked: each is a request to its node.`,
    unread.length > 0 && `${some(unread, 5)} could not be read.`,
    elsewhere.length > 0 && `There are services in ${plural(elsewhere.length, "namespace")}: ${some(elsewhere, 8)}.`,
    of.kind === "all" && total === 0 && "Services of Consul are not seen here.",
    consul.length > 0 &&
      instances.length > 0 &&
      `${all(names(consul))} of its job file are Consul's, which are not seen here.`,
  ];
  const lines = told.filter((each) => each !== false);
  return instances.length > 0 ? lines.map((line, index) => (index === 0 ? `\n${line}` : line)) : lines;
}

function steps({ of, more, nomad }: ListedServices, failing: readonly Instance[]): string[] {
  const [first] = failing;
  const place = first && nomad.in(first.namespace);
  const [cut] = more;
  return [
    ...(first && place
      ? [toolOrCommand(place, ["diagnose_job", { job_id: first.jobId }], ["job status", first.jobId])]
      : []),
    ...(cut !== undefined && of.kind === "all"
      ? [`${toolOrCommand(nomad, ["list_services", { name: cut }], ["service info", cut])} shows all of ${cut}`]
      : []),
    ...(of.kind === "job" && failing.length === 0 ? [`${showStep(nomad, "job", of.name)} says how it is`] : []),
  ];
}

function data({ name, namespace, jobId, address, on, allocationId, health }: Instance) {
  return { service: name, namespace, job_id: jobId, address, node: on, allocation_id: allocationId, checks: health };
}
