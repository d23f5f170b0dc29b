import { judge } from "../../src/nomad/jobs/health/health.ts";
import { readJobState } from "../../src/nomad/jobs/health/job-state.ts";
import { type Verdict, verdictAnswer } from "../../src/nomad/jobs/health/verdict.ts";
import { NomadClient } from "../../src/nomad-client.ts";
import { answerText } from "../../src/text/answer.ts";
import { address, type RecordedState, recordedNomad } from "./recorded.ts";
import { rendered } from "./steps.ts";

/** The verdict of a recorded job after `edit`, and its words for a session that offers no other tool. */
export async function verdictOf(
  job: string,
  edit: (state: RecordedState) => void,
): Promise<Verdict & { readonly text: string }> {
  let id = "";
  recordedNomad({
    job,
    edit(state) {
      edit(state);
      id = state.job.ID;
    },
  });
  const connection = { base: address, namespace: "default", readOnly: false, fetch };
  const verdict = await judge(await readJobState(new NomadClient(connection), id));
  return rendered({ ...verdict, text: answerText(verdictAnswer(verdict)) });
}
