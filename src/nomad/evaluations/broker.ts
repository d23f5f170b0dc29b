import { NomadError } from "../../api/errors/errors.ts";
import type { Evaluation } from "../../endpoints/evaluations.ts";
import { operator } from "../../endpoints/operator.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fromNanoseconds } from "../../text/time.ts";
import { setStep } from "../cluster/scheduler/settings.ts";
import { toolOrCommand } from "../shared/next-step.ts";

/** The scheduler takes an evaluation within 10 to 30 ms; after this long, in ms, something keeps it from that. */
const schedulerPatience = 3_000;

/** True of an evaluation that should be worked on by now and is not. `now`: ms, the server's clock. */
export function isNeglected({ Status, WaitUntil, CreateTime }: Evaluation, now: number): boolean {
  return Status === "pending" && !WaitUntil && now - (fromNanoseconds(CreateTime) ?? now) > schedulerPatience;
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

/** What says whether it is. */
export function schedulerStep(nomad: NomadClient): string {
  return toolOrCommand(nomad.in(nomad.home), ["get_server_health", {}], ["operator scheduler get-config"]);
}

/** What is said, and who must do what, where nothing is scheduled in the whole cluster. */
export function brokerPause(nomad: NomadClient): { readonly sentence: string; readonly next: string } {
  return {
    sentence: "the evaluation broker is paused: nothing is scheduled in this cluster until an operator resumes it",
    next: setStep(nomad, "pause_eval_broker", "off"),
  };
}
