import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { evaluations } from "../../endpoints/evaluations.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { search } from "../../endpoints/search.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { escaped, oneEditAway } from "../../text/pattern.ts";
import { all, plural, some } from "../../text/words.ts";
import { jobElsewhere } from "../cluster/other-regions.ts";
import { showStep } from "../shared/next-step.ts";

/** So many of the runs that a purged job left are looked at. */
const mostRuns = 20;

/**
 * What to say of a job that does not exist: the runs that it left, the region that it is in, the nearest names across
 * namespaces, what else has that name, that it was purged or collected. `end`: a sentence for the end.
 */
export async function unknownJob(nomad: NomadClient, jobId: string, end = ""): Promise<Refusal> {
  const where = nomad.namespace === "*" ? "in any namespace" : `in namespace ${nomad.namespace}`;
  const [left, near] = await Promise.all([runsLeft(nomad, jobId), nearest(nomad, jobId)]);
  const elsewhere = left === "" ? await jobElsewhere(nomad, jobId) : undefined;
  const hint = async () => near || (await purged(nomad, jobId)) || (await otherKind(nomad, jobId)) || collected;
  const hints = elsewhere?.found ? [elsewhere.text] : [left || (await hint()), elsewhere?.text];
  return new Refusal([`There is no job ${JSON.stringify(jobId)} ${where}.`, ...hints, end].filter(Boolean).join(" "));
}

/** The runs of a periodic or parameterized job outlive its purge, and go on where they run. */
async function runsLeft(nomad: NomadClient, jobId: string): Promise<string> {
  const { items, next } = await nomad.list(jobs.list, {
    ...{ prefix: `${jobId}/`, filter: `ParentID == ${literal(jobId)}`, per_page: mostRuns },
  });
  if (items.length === 0) return "";
  const live = items.filter(({ Status }) => Status !== "dead");
  const named = (live.length > 0 ? live : items).map(({ ID, Namespace, Status }) => {
    const place = Namespace === nomad.namespace ? "" : `, namespace ${Namespace}`;
    return `${ID} (${Status === "dead" ? "ended" : Status}${place})`;
  });
  const count = next === undefined ? plural(items.length, "run") : `more than ${plural(items.length, "run")}`;
  const those = live.length === items.length ? "which" : `${live.length} of which`;
  const go = live.length > 0 ? `, ${those} ${live.length === 1 ? "goes" : "go"} on` : "";
  return `It was purged and has left ${count}${go}: ${some(named, 5)}.`;
}

async function nearest(nomad: NomadClient, jobId: string): Promise<string> {
  // What was typed may hold anything, and a long one has too many neighbours for one expression.
  const text = jobId.slice(0, 40);
  const filter = `(ID matches ${literal(oneEditAway(text))} or ID matches ${literal(`(?i)${escaped(text)}`)}) and ParentID == ""`;
  const { items } = await nomad.list(jobs.list, { namespace: "*", filter, per_page: 8 });
  const names = items.map(({ ID, Namespace }) =>
    Namespace === nomad.namespace ? ID : `${ID} (namespace ${Namespace})`,
  );
  return names.length > 0 ? `Nearest: ${some(names, 8)}.` : "";
}

/** What is called so and is no job: a node, or something inside a job. Nomad's own search sees some of it (see search). */
async function otherKind(nomad: NomadClient, name: string): Promise<string> {
  const asked = nomad.ask(
    search.fuzzy,
    {},
    {
      ...{ Text: name.slice(0, 128), Context: "all" },
    },
  );
  const matches = (await orNone(asked))?.Matches ?? {};
  const of = (kind: string) => (matches[kind] ?? []).filter(({ ID }) => ID === name);
  if (of("nodes").length > 0) return `${name} is the name of a node: ${showStep(nomad, "node", name)} shows it.`;
  for (const [kind, word] of [
    ["services", "service"],
    ["groups", "group"],
    ["tasks", "task"],
  ] as const) {
    const jobs = of(kind).flatMap(({ Scope }) => Scope?.[1] ?? []);
    if (jobs.length > 0) return `${name} is a ${word} of job ${all([...new Set(jobs)].slice(0, 3))}.`;
  }
  return "";
}

async function purged(nomad: NomadClient, jobId: string): Promise<string> {
  const filter = `JobID == ${literal(jobId)} and TriggeredBy == "job-deregister"`;
  const kept = await orNone(nomad.list(evaluations.list, { filter, per_page: 1 }));
  return kept?.items.length ? "It was purged: nothing of it is kept; submit its job file again." : "";
}

/** Whether there ever was one cannot be told. */
const collected =
  "If there was one, Nomad has deleted it since it ended (after job_gc_threshold, usually 4h, or by a collection of garbage). list_nomad_jobs shows what there is.";

/** What only makes the answer better: undefined where it cannot be had. */
async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return undefined;
    throw error;
  }
}
