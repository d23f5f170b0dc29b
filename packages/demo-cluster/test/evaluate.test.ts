import { expect, test } from "vitest";
import { drive } from "./support.ts";

const CRASH = 'run_for = "3s"\n exit_code = 1';

function file(more: {
  type?: string;
  config?: string;
  memory?: number;
  reschedule?: string;
  healthy?: string;
}): string {
  const { type = "service", config = 'run_for = "1h"', memory = 16, reschedule = "", healthy = "500ms" } = more;
  const update =
    type === "service"
      ? `update {\n min_healthy_time = "${healthy}"\n healthy_deadline = "5s"\n progress_deadline = "6s"\n }`
      : "";
  return `job "x" {
  type = "${type}"
  group "g" {
    ${update}
    restart {
      attempts = 0
      mode     = "fail"
    }
    ${reschedule && `reschedule {\n ${reschedule}\n }`}
    task "t" {
      driver = "mock_driver"
      config {
        ${config}
      }
      resources {
        cpu    = 20
        memory = ${memory}
      }
    }
  }
}
`;
}

const ONCE = 'attempts = 1\n interval = "1h"\n unlimited = false\n delay = "5s"\n delay_function = "constant"';
const LATE = 'unlimited = true\n delay = "10m"\n delay_function = "constant"';
const NEVER = "attempts = 0\n unlimited = false";

/** What force-evaluating does with a job, without and with ForceReschedule: seen on a real Nomad. */
const TABLE: [string, string, Record<string, number>, Record<string, number>][] = [
  ["blocked", file({ memory: 64_000 }), { Place: 1 }, { Place: 1 }],
  ["healthy", file({}), { Ignore: 1 }, { Ignore: 1 }],
  ["attempts used up", file({ config: CRASH, reschedule: ONCE }), { Ignore: 1 }, { Place: 1, Stop: 1 }],
  ["waiting for its delay", file({ config: CRASH, reschedule: LATE }), { Ignore: 1 }, { Place: 1, Stop: 1 }],
  ["rescheduling disabled", file({ config: CRASH, reschedule: NEVER }), { Ignore: 1 }, { Ignore: 1 }],
  ["deployment failed", file({ config: CRASH, reschedule: NEVER, healthy: "4s" }), { Ignore: 1 }, { Ignore: 1 }],
  ["deployment failed, rescheduling on", file({ config: CRASH, reschedule: LATE, healthy: "4s" }), { Ignore: 1 }, {}],
];

test.each(TABLE)("force-evaluating a job that is: %s", async (_what, source, plainly, forced) => {
  const { submit, send, get, clock } = await drive();
  await submit(source);
  await clock.advance(30_000);
  const evaluate = async (ForceReschedule: boolean) => {
    const sent = await send("POST", "/v1/job/x/evaluate", { JobID: "x", EvalOptions: { ForceReschedule } });
    await clock.advance(200);
    const { body } = await get(`/v1/evaluation/${sent.body.EvalID}`);
    expect(body).toMatchObject({ TriggeredBy: "job-register", Status: "complete" });
    const { g } = body.PlanAnnotations.DesiredTGUpdates;
    return Object.fromEntries(Object.entries(g).filter(([, count]) => count !== 0));
  };
  expect(await evaluate(false)).toEqual(plainly);
  expect(await evaluate(true)).toEqual(forced);
});

test("force-evaluating a stopped job does nothing", async () => {
  const { submit, send, get, clock } = await drive();
  await submit(file({}));
  await send("DELETE", "/v1/job/x");
  await clock.advance(5_000);
  const { body } = await send("POST", "/v1/job/x/evaluate", { JobID: "x", EvalOptions: { ForceReschedule: true } });
  await clock.advance(200);
  const evaluation = (await get(`/v1/evaluation/${body.EvalID}`)).body;
  expect(Object.values(evaluation.PlanAnnotations.DesiredTGUpdates.g).every((count) => count === 0)).toBe(true);
});

test("a system job that failed is placed again by any evaluation", async () => {
  const { submit, send, clock, allocs } = await drive();
  await submit(file({ type: "system", config: CRASH }));
  await clock.advance(10_000);
  const before = (await allocs("x")).length;
  await send("POST", "/v1/job/x/evaluate", { JobID: "x" });
  await clock.advance(200);
  expect(await allocs("x")).toHaveLength(before + 3);
});
