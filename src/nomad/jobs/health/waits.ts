import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import { fromNanoseconds, span } from "../../../text/time.ts";
import { short } from "../../../text/words.ts";
import { heldClause, heldSteps } from "../../deployments/words.ts";
import { brokerPause, isNeglected, schedulerStep } from "../../evaluations/broker.ts";
import { countText, type JobState } from "./job-state.ts";
import type { Decision, View } from "./verdict.ts";

// States that never end by themselves: somebody has to do something. Promotion is beside the deployment's own verdict.

/** The evaluation that should be worked on by now and is not; undefined where there is none. */
export function neglected({ nomad, evaluations }: JobState): Evaluation | undefined {
  return evaluations.find((each) => isNeglected(each, nomad.now()));
}

/** An evaluation that nobody works on: why, as far as Nomad tells. */
export function neglectedDecision(view: View, evaluation: Evaluation, paused: boolean | undefined): Decision {
  const { state, version } = view;
  const { nomad, current } = state;
  if (paused) {
    const { sentence, next } = brokerPause(nomad);
    const more = current.length > 0 ? `as it was before: ${countText(view)}` : undefined;
    return { condition: "pending", settled: true, detail: sentence, more, version, next: [next] };
  }
  const since = span(nomad.now() - (fromNanoseconds(evaluation.CreateTime) ?? nomad.now()));
  const detail = `the scheduler has not taken evaluation ${short(evaluation.ID)} for ${since}`;
  const next = paused === undefined ? [`${schedulerStep(nomad)} says whether it is paused`] : [];
  return { condition: "pending", settled: false, detail, version, next };
}

/** A deployment that goes on only when somebody says so; undefined for one that goes on by itself. */
export function heldDeployment(deployment: Deployment, view: View): Decision | undefined {
  const { nomad, current } = view.state;
  const { JobVersion: version, Status } = deployment;
  const clause = heldClause(deployment, nomad.now());
  if (clause === undefined) return undefined;
  const moved = current.filter(({ JobVersion }) => JobVersion === version).length;
  const counts = Status === "paused" ? `: ${moved} of ${current.length} on version ${version}, ${countText(view)}` : "";
  const detail = `the deployment of version ${version} ${clause}${counts}`;
  return { condition: "waiting", settled: true, detail, next: heldSteps(nomad, deployment) };
}
