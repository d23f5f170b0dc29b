/**
 * Parts of jobs that the tests put together with `mockJob` (test/support/demo-session.ts). Durations are nanoseconds,
 * as in Nomad's JSON.
 */

const second = 1e9;

/** Fails a second after its start. */
export const failing = { run_for: "1s", exit_code: 3, stderr_string: "no database\n" };
/** Fails at once: too soon to count as healthy. */
export const failingAtOnce = { ...failing, run_for: "0s" };
/** Ends well a second after its start. */
export const ending = { run_for: "1s", stdout_string: "done\n" };

/** What fails is not started again on its node. */
export const noRestart = { RestartPolicy: { Attempts: 0, Interval: 300 * second, Delay: second, Mode: "fail" } };
/** No deployment: nobody judges health. */
export const noDeployment = { Update: { MaxParallel: 0 } };
/** A deployment that believes what has run for a second: on a busy machine the end of what fails at once is seen late. */
export const quickDeployment = {
  Update: {
    MaxParallel: 5,
    MinHealthyTime: second,
    HealthyDeadline: 10 * second,
    ProgressDeadline: 15 * second,
  },
};

const rescheduled = { Interval: 3600 * second, Delay: 5 * second, DelayFunction: "constant", Unlimited: false };
export const onceRescheduled = { ReschedulePolicy: { ...rescheduled, Attempts: 1 } };
export const neverRescheduled = { ReschedulePolicy: { Attempts: 0, Unlimited: false } };
/** So late that no test sees it happen. */
export const rescheduledLater = { ReschedulePolicy: { ...rescheduled, Attempts: 5, Delay: 600 * second } };

/** No node fits. */
export const nowhere = { Constraints: [{ LTarget: `\${attr.kernel.name}`, RTarget: "plan9", Operand: "=" }] };
/** How Nomad tells of that. */
export const nowhereText = `\${attr.kernel.name} = plan9`;
