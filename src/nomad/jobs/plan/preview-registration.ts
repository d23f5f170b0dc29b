import { NomadError } from "../../../api/errors/errors.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { lines, plural } from "../../../text/words.ts";
import type { Preview } from "../../shared/preview.ts";
import type { JobSpec } from "../file/job-json.ts";
import { previewJob } from "../preview.ts";
import { overviewLines } from "../source/spec-overview.ts";
import { diffLines } from "./diff.ts";
import { leftOutOfDiff } from "./left-out.ts";
import { makePlan, type Plan } from "./plan.ts";
import { planVerdict } from "./plan-verdict.ts";
import { plannedGroups } from "./planned-groups.ts";
import { powersOf } from "./powers.ts";

const mostChanges = 15;
const mostPowers = 8;
const mostTold = 12;

/** A job that is to be registered. */
export interface Registering {
  readonly id: string;
  readonly job: JobSpec;
}

/**
 * What a person is shown before a job is registered: what becomes of what runs, what of the job reaches to the node, what
 * it runs, and what changes. `what`: the call, as a sentence. `check` looks at the plan before anybody is asked.
 *
 * @throws Refusal where Nomad would not accept the job.
 */
export async function previewRegistration(
  nomad: NomadClient,
  { id, job }: Registering,
  what: string,
  check: (plan: Plan) => void = () => {},
): Promise<Preview> {
  const plan = await planned(nomad, id, job);
  if (plan !== undefined) check(plan);
  const { text, stamp } = await previewJob(nomad, id, what);
  const changes =
    plan?.present === undefined ? [] : diffLines(plan.reply.Diff, mostChanges, leftOutOfDiff(plan.present, plan.job));
  return {
    stamp,
    text: lines(
      text,
      plan === undefined
        ? "  What it would change is not known: the token may not plan jobs (submit-job or plan-job)."
        : `  It ${planVerdict(plan, plannedGroups(plan.reply, plan.job))}`,
      ...section("Reaches to the node:", powersOf(job), mostPowers),
      ...section("Runs:", overviewLines(job), mostTold),
      ...section("Changes:", changes, mostChanges),
    ),
  };
}

/** The plan; undefined where the token may not make one, which is no reason to keep the job from being registered. */
async function planned(nomad: NomadClient, id: string, job: JobSpec): Promise<Plan | undefined> {
  try {
    return await makePlan(nomad, id, job);
  } catch (error) {
    if (error instanceof NomadError && error.kind === "forbidden") return undefined;
    throw error;
  }
}

function section(heading: string, found: readonly string[], most: number): string[] {
  if (found.length === 0) return [];
  const more = found.length > most ? [`and ${plural(found.length - most, "line")} more`] : [];
  return [heading, ...[...found.slice(0, most), ...more].map((line) => `  ${line}`)];
}
