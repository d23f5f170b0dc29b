import { literal } from "../../api/request/path.ts";
import type { Task } from "../../endpoints/job.ts";
import { type JobStub, jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { escaped } from "../../text/pattern.ts";
import { duration } from "../../text/time.ts";
import { plural } from "../../text/words.ts";
import { type Part, part } from "../shared/parts.ts";

/** A task with a template that reads a variable. */
export interface Reader {
  readonly jobId: string;
  readonly group: string;
  readonly task: string;
  /** What becomes of the task when the template is another one: restart, signal, script or noop. */
  readonly mode: string;
  readonly signal: string;
  /** ns; Nomad waits for a random part of it. */
  readonly splay: number;
  /** Allocations of its group that run, and that are to start: a task that waits for a variable is among these. */
  readonly running: number;
  readonly starting: number;
}

export interface Readers {
  readonly readers: readonly Reader[];
  /** Jobs whose templates name the variable, and that were not read. */
  readonly more: boolean;
}

/** So many jobs are read: 4 to 30 KB each. */
const mostJobs = 5;

/**
 * The tasks whose templates name a variable, in the client's namespace: one request with Nomad's own filter, and one for
 * each of at most five jobs. A path that a template makes of other words is not seen, but of the variable that is the
 * job's own by its path.
 */
export async function readReaders(nomad: NomadClient, path: string, signal: AbortSignal): Promise<Part<Readers>> {
  return await part(signal, read(nomad, path));
}

async function read(nomad: NomadClient, path: string): Promise<Readers> {
  const own = ownerOf(path);
  const named = `any TaskGroups as g { any g.Tasks as t { any t.Templates as m { m.EmbeddedTmpl matches ${literal(`nomadVar(Exists)?\\s+.${escaped(path)}\\W`)} } } }`;
  const filter = own === undefined ? named : `ID == ${literal(own)} or (${named})`;
  const { items, next } = await nomad.list(jobs.list, { filter, per_page: mostJobs });
  const readers = await Promise.all(items.map(async (stub) => await readersIn(nomad, stub, path, own)));
  return { readers: readers.flat(), more: next !== undefined };
}

/** The job that may read a variable without a policy, by its path: `nomad/jobs/<job>/...`. */
const ownerOf = (path: string) => /^nomad\/jobs\/([^/]+)/.exec(path)?.[1];

async function readersIn(
  nomad: NomadClient,
  { ID, JobSummary }: JobStub,
  path: string,
  own: string | undefined,
): Promise<Reader[]> {
  const job = await nomad.get(jobs.get, { job_id: ID });
  return (job.TaskGroups ?? []).flatMap(({ Name: group, Tasks }) =>
    (Tasks ?? []).flatMap(({ Name: task, Templates }) => {
      const template = (Templates ?? []).find(({ EmbeddedTmpl }) =>
        reads(EmbeddedTmpl, path, nomad.namespace, ID === own),
      );
      if (template === undefined) return [];
      const counts = JobSummary?.Summary?.[group];
      return {
        ...{ jobId: ID, group, task, mode: template.ChangeMode || "restart", signal: template.ChangeSignal },
        ...{ splay: template.Splay ?? 0, running: counts?.Running ?? 0, starting: counts?.Starting ?? 0 },
      };
    }),
  );
}

type Template = NonNullable<Task["Templates"]>[number];

/** Whether a template names the variable; of the job's own also where it makes the path of other words. */
function reads(text: Template["EmbeddedTmpl"], path: string, namespace: string, isOwn: boolean): boolean {
  const named = new RegExp(`nomadVar(?:Exists)?\\s+["\`]${escaped(path)}(?:@([^"\`.]*)[^"\`]*)?["\`]`, "g");
  const found = [...text.matchAll(named)].some(([, elsewhere]) => elsewhere === undefined || elsewhere === namespace);
  return found || (isOwn && /nomadVar(?:Exists)?\s+[($]/.test(text));
}

/** What a change of the variable does to a task that reads it, in one line. */
export function effect({ jobId, group, task, mode, signal, splay, running, starting }: Reader): string {
  const who = `task ${task} of ${jobId}${group === jobId ? "" : ` (group ${group})`}`;
  const within = splay > 0 ? ` within ${duration(splay)} and some seconds` : "";
  const waits =
    starting > 0
      ? `${plural(starting, "allocation")} that ${starting === 1 ? "waits" : "wait"} for it ${starting === 1 ? "starts" : "start"} by ${starting === 1 ? "itself" : "themselves"}`
      : "";
  const each = plural(running, "allocation");
  const live =
    running === 0
      ? ""
      : mode === "restart"
        ? `restarts in ${each}${within}${running > 1 ? ", without waiting for one another" : ""}`
        : mode === "signal"
          ? `gets ${signal} in ${each}${within}`
          : mode === "script"
            ? `has its script run in ${each}${within}`
            : `goes on in ${each}: its file is written anew, and nothing tells it`;
  const does = [live, waits].filter(Boolean).join("; ");
  return `${who} ${does === "" ? "reads it, and nothing of it runs" : live === "" ? `reads it: ${does}` : does}`;
}
