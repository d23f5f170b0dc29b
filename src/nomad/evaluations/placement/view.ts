import type { AllocMetric } from "../../../endpoints/metric.ts";
import type { AskingGroup, AskingJob } from "./asking.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a sentence is about. */
export interface View {
  readonly job: AskingJob;
  readonly group: AskingGroup | undefined;
  readonly metric: AllocMetric;
  readonly seen: Surroundings | undefined;
}
