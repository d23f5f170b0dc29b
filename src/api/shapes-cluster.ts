import type { Shape } from "./shape.ts";
import { flag, list, maybe, number, text } from "./shape-words.ts";

const server = {
  fields: {
    Name: text,
    SerfStatus: text,
    Version: text,
    LastContact: text,
    Leader: flag,
    Healthy: flag,
    Voter: flag,
  },
} as const;

/** `GET /v1/operator/autopilot/health`. */
export const autopilot: Shape = {
  fields: { Healthy: flag, FailureTolerance: number, Servers: maybe(list(server)) },
};

/** `GET /v1/operator/scheduler/configuration`. */
export const schedulerConfiguration: Shape = {
  fields: { SchedulerConfig: maybe({ fields: { PauseEvalBroker: maybe(flag), RejectJobRegistration: maybe(flag) } }) },
};
