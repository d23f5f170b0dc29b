import { NomadError } from "../../../api/errors/errors.ts";
import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import { operator } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds, span } from "../../../text/time.ts";
import { short } from "../../../text/words.ts";
import { command } from "../../shared/next-step.ts";
import { countText, type JobState } from "./job-state.ts";
import type { Decision, View } from "./verdict.ts";

// States that never end by themselves: somebody has to do something. Promotion is beside the deployment's own verdict.

/** The scheduler takes an evaluation within 10 to 30 ms; after this long, in ms, something keeps it from that. */
const schedulerPatience = 3_000;

/** The evaluation that should be worked on by now and is not; undefined where there is none. */
export function neglected({ nomad, evaluations }: JobState): Evaluation | undefined {
  const now = nomad.now();
  return evaluations.find(
    ({ Status, WaitUntil, CreateTime }) =>
      Status === "pending" && !WaitUntil && now - (fromNanoseconds(CreateTime) ?? now) > schedulerPatience,
  );
}

/** Whether an operator has paused the evaluation broker; undefined where the token may not see that (operator read). */
export async function isBrokerPaused(nomad: NomadClient): Promise<boolean | undefined> {
  try {
    const found = await nomad.get(operator.schedulerConfiguration);
    return found.SchedulerConfig?.PauseEvalBroker ?? false;
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled") throw error;
    return undefined;
  }
}

/** What is said, and who must do what, where nothing is scheduled in the whole cluster. */
export function brokerPause(nomad: NomadClient): { readonly sentence: string; readonly next: string } {
  return {
    sentence: "the evaluation broker is paused: nothing is scheduled in this cluster until an operator resumes it",
    next: command(nomad, "operator scheduler set-config", "-pause-eval-broker=false"),
  };
}

/** An evaluation that nobody works on: why, as far as Nomad tells. */
export function neglectedDecision(view: View, evaluation: Evaluation, paused: boolean | undefined): Decision {
  const { state, version } = view;
  const { nomad, current } = state;
  if (paused) {
    const { sentence, next } = brokerPause(nomad);
    const runs = current.length > 0 ? `; as it was before: ${countText(view)}` : "";
    const headline = `pending: ${sentence}${runs}`;
    return { condition: "pending", settled: true, headline, version, next: [next] };
  }
  const since = span(nomad.now() - (fromNanoseconds(evaluation.CreateTime) ?? nomad.now()));
  const headline = `pending: the scheduler has not taken evaluation ${short(evaluation.ID)} for ${since}`;
  const next =
    paused === undefined ? [`${command(nomad, "operator scheduler get-config")} says whether it is paused`] : [];
  return { condition: "pending", settled: false, headline, version, next };
}

/** A deployment that goes on only when somebody says so; undefined for one that goes on by itself. */
export function heldDeployment(deployment: Deployment, view: View): Decision | undefined {
  const { nomad, current } = view.state;
  const id = short(deployment.ID);
  const decision = (headline: string, ...next: string[]): Decision => ({
    ...{ condition: "waiting", settled: true, headline: `waiting: ${headline}` },
    next,
  });
  const { JobVersion: version, Status } = deployment;
  if (Status === "paused") {
    const when = ago(fromNanoseconds(deployment.ModifyTime) ?? nomad.now(), nomad.now());
    const moved = current.filter(({ JobVersion }) => JobVersion === version).length;
    return decision(
      `the deployment of version ${version} was paused ${when} and goes on only when it is resumed: ${moved} of ${current.length} on version ${version}, ${countText(view)}`,
      command(nomad, "deployment resume", id),
      command(nomad, "deployment fail", id),
    );
  }
  // Of a job in several regions: the others go first, or have failed.
  if (Status === "pending")
    return decision(
      `the deployment of version ${version} waits for another region`,
      command(nomad, "deployment status", id),
    );
  if (Status === "blocked") {
    return decision(
      `the deployment of version ${version} is done here and waits for the other regions`,
      `${command(nomad, "deployment unblock", id)} if one of them is not coming back`,
    );
  }
  return undefined;
}
