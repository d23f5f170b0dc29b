import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { EventFrame } from "../../src/endpoints/events.ts";
import type { JobStub } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { failingAtOnce, neverRescheduled, noDeployment, noRestart, nowhere } from "./support/jobs.ts";

const restartedAtOnce = { RestartPolicy: { Attempts: 100, Interval: 3600e9, Delay: 1e8, Mode: "delay" } };

interface Fuzzy {
  readonly Matches: Record<string, { ID: string; Scope?: string[] }[]>;
}

/** The lines that the event stream gives until `enough`. */
async function stream(nomad: Cluster, query: string, enough: (frames: EventFrame[]) => boolean): Promise<string[]> {
  const response = await fetch(`${nomad.address}/v1/event/stream?${query}`);
  expect(response.status).toBe(200);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n").slice(0, -1);
    const frames: EventFrame[] = lines.map((line) => JSON.parse(line));
    if (!enough(frames.filter(({ Events }) => Events))) continue;
    return lines;
  }
  throw new Error("the stream ended");
}

contract("the cluster as a whole", (test) => {
  test("any and all in filters", async ({ nomad }) => {
    const id = nomad.id("any");
    await nomad.submit(mockJob(id, { run_for: "77m" }, nowhere));
    const ids = async (filter: string) =>
      (await nomad.get<JobStub[]>("/v1/jobs", { filter, prefix: id })).map(({ ID }) => ID);
    const task = (test: string) => `any TaskGroups as g { (any g.Tasks as t { ${test} }) }`;
    expect(await ids(task("t.Name == `server`"))).toEqual([id]);
    expect(await ids(task('"run_for" in t.Config and t.Config.run_for matches `(?i)^77M`'))).toEqual([id]);
    expect(await ids(task('"command" in t.Config and t.Config.command == `x`'))).toEqual([]);
    expect(await ids(task("any t.Services as s { s.Name == `x` }"))).toEqual([]);
    expect(await ids('Stop == false and (all TaskGroups as g { g.Name == "api" })')).toEqual([id]);
    expect(await ids('any TaskGroups as i, g { i == 0 and g.Name == "api" }')).toEqual([id]);
    for (const [filter, why] of [
      ['Stop == false and any TaskGroups as g { g.Name == "api" }', "1:23 (22): no match found, expected: "],
      ["any TaskGroups as g { g.Nothing == `x` }", 'struct field with name "Nothing"'],
      ["any ID as g { g == `x` }", "ID is not a list or a map"],
    ] as const) {
      const { status, text } = await nomad.send("GET", "/v1/jobs", { query: { filter, prefix: id } });
      expect([status, text]).toEqual([400, expect.stringContaining(why)]);
    }
  });

  test("fuzzy search: names with their scopes, and its refusals", async ({ nomad }) => {
    const query = { namespace: "*" };
    const nodes = await nomad.get<{ ID: string; Name: string }[]>("/v1/nodes");
    const [node] = nodes;
    const text = node?.Name.toUpperCase() ?? "";
    const found = await nomad.ask<Fuzzy>("POST", "/v1/search/fuzzy", { query, body: { Text: text, Context: "nodes" } });
    expect(found.Matches.nodes).toContainEqual({ ID: node?.Name, Scope: [node?.ID] });
    const all = await nomad.ask<Fuzzy>("POST", "/v1/search/fuzzy", { query, body: { Text: "fault", Context: "all" } });
    expect(all.Matches.namespaces).toContainEqual({ ID: "default" });
    for (const [body, why] of [
      [{ Text: "x", Context: "all" }, "fuzzy search query must be at least 2 characters, got 1"],
      [{ Text: "xx", Context: "tasks" }, "or 'all' for all contexts; got \"tasks\""],
    ] as const) {
      const refused = await nomad.send("POST", "/v1/search/fuzzy", { query, body });
      expect([refused.status, refused.text]).toEqual([500, expect.stringContaining(why)]);
    }
  });

  test("the event stream: a heartbeat first, then what the buffer holds, by topic and key", async ({ nomad }) => {
    const id = await nomad.running("events", {}, noDeployment);
    const topics = ["Job", "Allocation", "Evaluation"].map((topic) => `topic=${topic}:${id}`).join("&");
    const types = (frames: EventFrame[]) =>
      frames.flatMap(({ Events }) => (Events ?? []).map(({ Topic, Type }) => `${Topic} ${Type}`));
    const lines = await stream(nomad, topics, (frames) => types(frames).includes("Allocation AllocationUpdated"));
    expect(lines[0]).toBe("{}");
    const frames: EventFrame[] = lines.map((line) => JSON.parse(line));
    const events = frames.flatMap(({ Events }) => Events ?? []);
    expect(types(frames)).toEqual(
      expect.arrayContaining(["Job JobRegistered", "Evaluation JobRegistered", "Allocation PlanResult"]),
    );
    const allocation = events.find(({ Topic }) => Topic === "Allocation")?.Payload?.Allocation;
    expect(allocation).toMatchObject({ JobID: id, Name: `${id}.api[0]`, DesiredStatus: "run" });
    expect(allocation).not.toHaveProperty("Job");
    expect(new Set(events.map(({ Namespace }) => Namespace))).toEqual(new Set(["default"]));
    const refused = await nomad.send("GET", "/v1/event/stream", { query: { topic: "Job:a:b" } });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("Invalid key value pair for topic")]);
    const index = await nomad.send("GET", "/v1/event/stream", { query: { index: "x" } });
    expect([index.status, index.text]).toEqual([
      400,
      'Unable to parse index: strconv.Atoi: parsing "x": invalid syntax',
    ]);
  });

  test("what servers and scheduler say of themselves", async ({ nomad }) => {
    expect(await nomad.get("/v1/operator/autopilot/health")).toMatchObject({
      Healthy: true,
      Servers: [{ Healthy: true, Leader: true, SerfStatus: "alive", Voter: true, LastContact: "0s" }],
    });
    expect(await nomad.get("/v1/agent/members")).toMatchObject({
      Members: [{ Status: "alive", Name: expect.any(String) }],
    });
    const scheduler = { PauseEvalBroker: false, RejectJobRegistration: false };
    expect(await nomad.get("/v1/operator/scheduler/configuration")).toMatchObject({ SchedulerConfig: scheduler });
  });

  test("search_nomad: a job, what is inside of it, its allocation by id", async ({ nomad }) => {
    const service = nomad.id("service");
    const id = await nomad.running("found", {}, { ...noDeployment, Services: [{ Name: service, Provider: "nomad" }] });
    expect(await nomad.tell("search_nomad", { text: id.toUpperCase() })).toMatch(
      new RegExp(
        `^"${id.toUpperCase()}": 1 job\\n\\njobs\\n +job +namespace +type +state\\n +${id} +default +service +running$`,
      ),
    );
    expect(await nomad.tell("search_nomad", { text: service })).toMatch(
      new RegExp(`\\n +${id} +default +service ${service}\\n[^]*\\n +${service} +default +${id} +\\S+ +no check$`),
    );
    const allocation = await nomad.allocation(id, "running");
    expect(await nomad.tell("search_nomad", { text: allocation.ID.slice(0, 13) })).toContain(
      `\n  ${allocation.ID.slice(0, 8)} ${id}.api[0] (namespace default): running on ${allocation.NodeName}`,
    );
  });

  test("get_events: a job from its registration to its end", async ({ nomad }) => {
    const id = await nomad.running("told", {}, noDeployment);
    await nomad.stop(id);
    await nomad.allocation(id, "complete");
    const text = await nomad.tell("get_events", { job_id: id, wait_seconds: 0 });
    expect(text).toMatch(
      new RegExp(`^\\d+ events of job ${id} in namespace default: the server's buffer reaches back to `),
    );
    const said = text.split("\n").map((line) =>
      line
        .slice(9)
        .replace(/[0-9a-f]{8} /, "")
        .replace(/ on [\w-]+/, ""),
    );
    expect(said).toEqual(
      expect.arrayContaining([
        `job ${id}: version 0 registered`,
        `allocation ${id}.api[0]: placed`,
        `job ${id}: stopped`,
        expect.stringMatching(/^allocation .*: running -> complete; server /),
      ]),
    );
  });

  test("get_timeline: a job from its submission to its end, its crashes in one line", async ({ nomad }) => {
    const [id, unfit] = [nomad.id("looks-back"), nomad.id("looks-for-room")];
    await nomad.submit(mockJob(id, failingAtOnce, { ...restartedAtOnce, ...noDeployment }));
    await nomad.submit(mockJob(unfit, {}, nowhere));
    await nomad.until<AllocationStub[]>("/v1/allocations", ([one]) => (one?.TaskStates?.server?.Restarts ?? 0) > 1, {
      query: { filter: `JobID == \`${id}\`` },
    });
    await nomad.force(unfit, false);
    await nomad.stop(id);
    const text = await nomad.tell("get_timeline", { since: "10m", limit: 200 });
    for (const line of [
      `${id}: submitted`,
      `${id}: server exits with code 3 \\(\\d+ times since \\d\\d:\\d\\d:\\d\\d\\)`,
      `${id}: stopped`,
      `${unfit}: no place for group api: the constraint .*plan9 is not met.*`,
      `${unfit}: evaluated again, or submitted unchanged`,
    ])
      expect(text).toMatch(new RegExp(`\\n(\\S+ )?\\d\\d:\\d\\d:\\d\\d ${line}(\\n|$)`));
    expect(await nomad.tell("get_timeline", { job_id: unfit })).not.toMatch(id);
    expect(await nomad.tell("get_timeline", { job_id: id, since: "2d", until: "1d" })).toMatch(
      /^Nothing is known to have/,
    );
  });

  test("find_problems: what has no place, and what is dead, each by its cause", async ({ nomad }) => {
    const [unfit, dead] = [nomad.id("unfit"), nomad.id("dead")];
    await nomad.submit(mockJob(unfit, {}, nowhere));
    await nomad.submit(mockJob(dead, failingAtOnce, { ...noRestart, ...neverRescheduled, ...noDeployment }));
    await nomad.allocation(dead, "failed");
    const text = await nomad.tell("find_problems", { limit: 100, namespace: "default" });
    expect(text).toMatch(/^\d+ causes of trouble: \d+ of \d+ jobs affected, \d+ (of \d+ )?nodes/);
    expect(text).toMatch(new RegExp(`never placed, the constraint .*plan9 is not met: .*${unfit}`));
    expect(text).toMatch(new RegExp(`dead: a task exits with code 3: .*${dead}`));
  });
});
