import { expect, test } from "vitest";
import { type Answer, drive } from "./support.ts";

type Json = Answer["body"];

function file(type: string, body: string): string {
  return `job "x" {\n  type = "${type}"\n${body}\n}\n`;
}

function task(config: string, more = "", name = "t"): string {
  return `task "${name}" {\n driver = "mock_driver"\n config {\n ${config}\n }\n ${more}\n resources {\n cpu = 20\n memory = 16\n }\n }`;
}

const eventTypes = (alloc: Json, name = "t"): string[] => alloc.TaskStates[name].Events.map((each: Json) => each.Type);

test("a batch job runs to its end and is dead", async () => {
  const { submit, clock, get, allocs } = await drive();
  await submit(file("batch", `group "g" {\n count = 2\n ${task('run_for = "2s"\n stdout_string = "done"')}\n}`));
  await clock.advance(1_000);
  expect((await get("/v1/job/x")).body.Status).toBe("running");
  await clock.advance(5_000);
  expect((await get("/v1/job/x")).body.Status).toBe("dead");
  expect((await get("/v1/job/x/summary")).body.Summary.g).toMatchObject({ Complete: 2, Running: 0 });
  expect((await get("/v1/job/x/deployment")).body).toBeNull();
  for (const alloc of await allocs("x")) {
    expect(alloc).toMatchObject({ ClientStatus: "complete", ClientDescription: "All tasks have completed" });
    expect(eventTypes(alloc)).toEqual(["Received", "Task Setup", "Started", "Terminated"]);
  }
});

test("a batch job that fails is tried again as its policies say", async () => {
  const { submit, clock, allocs } = await drive();
  const policies = `restart {\n attempts = 1\n delay = "1s"\n interval = "10m"\n mode = "fail"\n }
    reschedule {\n attempts = 1\n interval = "1h"\n delay = "5s"\n delay_function = "constant"\n unlimited = false\n }`;
  await submit(file("batch", `group "g" {\n ${policies}\n ${task('run_for = "1s"\n exit_code = 3')}\n}`));
  await clock.advance(60_000);
  const all = await allocs("x");
  expect(all).toHaveLength(2);
  const crash = ["Started", "Terminated"];
  for (const alloc of all) {
    const [, , ...events] = eventTypes(alloc);
    expect(events).toEqual([...crash, "Restarting", ...crash, "Not Restarting"]);
    expect(alloc.TaskStates.t.Events.at(-2)).toMatchObject({ ExitCode: 3, DisplayMessage: "Exit Code: 3" });
  }
});

test("a driver's error that may pass is tried again, another is not", async () => {
  const { submit, clock, allocs } = await drive();
  const group = (config: string) =>
    `group "g" {\n restart {\n attempts = 1\n delay = "1s"\n mode = "fail"\n }\n ${task(config)}\n}`;
  await submit(file("batch", group('start_error = "no disk"\n start_error_recoverable = true')));
  await clock.advance(10_000);
  const [first] = await allocs("x");
  const failure = "Driver Failure";
  expect(eventTypes(first)).toEqual(["Received", "Task Setup", failure, "Restarting", failure, "Not Restarting"]);
  expect(first.TaskStates.t.Events[2].DisplayMessage).toBe("no disk");
  await submit(file("batch", group('start_error = "no disk"')).replace('"x"', '"y"'));
  await clock.advance(10_000);
  const [second] = await allocs("y");
  expect(eventTypes(second)).toEqual(["Received", "Task Setup", failure, "Not Restarting"]);
});

test("a system job has one allocation on each node that can have it", async () => {
  const { submit, clock, allocs, get } = await drive();
  await submit(file("system", `datacenters = ["dc1"]\n group "g" {\n ${task('run_for = "1h"')}\n}`));
  await clock.advance(20_000);
  expect((await allocs("x")).map(({ NodeName }) => NodeName).sort()).toEqual(["client-1", "client-2"]);
  expect((await get("/v1/job/x/deployment")).body).toMatchObject({ Status: "successful" });
});

test("a periodic job launches children when it is their time", async () => {
  const { submit, clock, get, send } = await drive();
  const source = file(
    "batch",
    `periodic {\n crons = ["*/10 * * * *"]\n }\n group "g" {\n ${task('run_for = "5s"')}\n}`,
  );
  const plan = await send("POST", "/v1/job/x/plan", {
    Job: (await send("POST", "/v1/jobs/parse", { JobHCL: source })).body,
  });
  expect(plan.body.NextPeriodicLaunch).toBe("2026-11-20T20:10:00Z");
  expect((await submit(source)).body.EvalID).toBe("");
  await clock.advance(25 * 60_000);
  const children = (await get("/v1/jobs?prefix=x/")).body;
  expect(children.map(({ ID, ParentID, Status }: Json) => [ID, ParentID, Status])).toEqual([
    [`x/periodic-${Date.parse("2026-11-20T20:10:00Z") / 1000}`, "x", "dead"],
    [`x/periodic-${Date.parse("2026-11-20T20:20:00Z") / 1000}`, "x", "dead"],
  ]);
  expect((await get("/v1/job/x/summary")).body.Children).toEqual({ Pending: 0, Running: 0, Dead: 2 });
  const forced = await send("POST", "/v1/job/x/periodic/force");
  expect(forced.body.EvalID).toMatch(/^[0-9a-f-]{36}$/);
  await send("DELETE", "/v1/job/x");
  await clock.advance(60 * 60_000);
  expect((await get("/v1/jobs?prefix=x/")).body).toHaveLength(3);
});

test("tasks start and end in the order of their lifecycle", async () => {
  const { submit, clock, allocs } = await drive();
  const hook = (when: string, sidecar = false) => `lifecycle {\n hook = "${when}"\n sidecar = ${sidecar}\n }`;
  const tasks = [
    task('run_for = "2s"', hook("prestart"), "init"),
    task('run_for = "1h"', hook("prestart", true), "proxy"),
    task('run_for = "4s"', "", "main"),
    task('run_for = "1s"', hook("poststart"), "warm"),
    task('run_for = "1s"', hook("poststop"), "clean"),
  ];
  await submit(file("batch", `group "g" {\n ${tasks.join("\n")}\n}`));
  await clock.advance(1_500);
  const states = async () => {
    const [alloc] = await allocs("x");
    return Object.fromEntries(Object.entries<Json>(alloc.TaskStates).map(([name, { State }]) => [name, State]));
  };
  expect(await states()).toMatchObject({ init: "running", proxy: "running", main: "pending", warm: "pending" });
  await clock.advance(2_000);
  expect(await states()).toMatchObject({ init: "dead", main: "running", warm: "running", clean: "pending" });
  await clock.advance(8_000);
  expect(await states()).toEqual({ init: "dead", proxy: "dead", main: "dead", warm: "dead", clean: "dead" });
  const [alloc] = await allocs("x");
  expect(alloc.ClientStatus).toBe("complete");
  expect(alloc.TaskStates.proxy.Events.map(({ Type }: Json) => Type)).toContain("Main Tasks Dead");
});

// nodes of one class are looked at once
const twice = (reason: string) => ({ [reason]: 2, "computed class ineligible": 1 });

test.each([
  {
    what: "an attribute",
    where: `constraint {\n attribute = "\${attr.kernel.name}"\n value = "windows"\n }`,
    metric: { NodesFiltered: 3, ConstraintFiltered: twice(`\${attr.kernel.name} = windows`) },
  },
  {
    what: "a pattern",
    where: `constraint {\n attribute = "\${meta.rack}"\n operator = "regexp"\n value = "^r[3-9]"\n }`,
    metric: { NodesFiltered: 3, ConstraintFiltered: twice(`\${meta.rack} regexp ^r[3-9]`) },
  },
  { what: "a datacenter", where: 'datacenters = ["dc9"]', metric: { NodesEvaluated: 0, NodesAvailable: {} } },
])("it cannot be placed because of $what", async ({ where, metric }) => {
  const { submit, clock, get } = await drive();
  const { EvalID } = (await submit(file("service", `${where}\n group "g" {\n ${task('run_for = "1h"')}\n}`))).body;
  await clock.advance(500);
  const evaluation = (await get(`/v1/evaluation/${EvalID}`)).body;
  expect(evaluation.FailedTGAllocs.g).toMatchObject(metric);
  expect(evaluation.BlockedEval).not.toBe("");
});

test("a static port is given once a node, a dynamic one is free", async () => {
  const { submit, clock, allocs, get } = await drive();
  const ports = 'network {\n port "http" {\n static = 8080\n }\n port "admin" {}\n }';
  const { EvalID } = (
    await submit(file("service", `group "g" {\n count = 4\n ${ports}\n ${task('run_for = "1h"')}\n}`))
  ).body;
  await clock.advance(500);
  const placed = await allocs("x");
  expect(placed.map(({ NodeName }) => NodeName).sort()).toEqual(["client-1", "client-2", "client-3"]);
  const failed = (await get(`/v1/evaluation/${EvalID}`)).body.FailedTGAllocs.g;
  expect(failed.DimensionExhausted).toEqual({ "network: reserved port collision http=8080": 3 });
  const [{ ID }] = placed;
  const shared = (await get(`/v1/allocation/${ID}`)).body.AllocatedResources.Shared;
  expect(shared.Ports.map(({ Label, Value }: Json) => [Label, Value])).toContainEqual(["http", 8080]);
  const admin = shared.Ports.find(({ Label }: Json) => Label === "admin");
  expect(admin.Value).toBeGreaterThanOrEqual(20_000);
});

test("logs rotate by the task's log config, and are read across the files", async () => {
  const { submit, clock, allocs, get } = await drive();
  const line = "x".repeat(1023);
  const config = `run_for = "1h"\n stdout_string = "${line}\\n"\n stdout_repeat = 4000\n stdout_repeat_duration = "1ms"`;
  await submit(file("service", `group "g" {\n ${task(config, "logs {\n max_files = 2\n max_file_size = 1\n }")}\n}`));
  await clock.advance(10_000);
  const [{ ID }] = await allocs("x");
  const files = (await get(`/v1/client/fs/ls/${ID}?path=/alloc/logs`)).body;
  const stdout = files.filter(({ Name }: Json) => Name.includes("stdout"));
  expect(stdout.map(({ Name, Size }: Json) => [Name, Size])).toEqual([
    ["t.stdout.2", 1024 * 1024],
    ["t.stdout.3", 4001 * 1024 - 3 * 1024 * 1024],
  ]);
  const path = `/v1/client/fs/logs/${ID}?task=t&type=stdout&origin=end`;
  const tail = (await get(`${path}&plain=true&offset=${1000 * 1024}`)).body;
  expect(tail).toBe(`${line}\n`.repeat(1000));
  expect((await get(`${path}&offset=10`)).body).toMatchObject({
    File: "alloc/logs/t.stdout.3",
    Data: Buffer.from("xxxxxxxxx\n").toString("base64"),
  });
});
