import { describe, expect, test } from "vitest";
import { shapeDiffers } from "./shape.ts";
import { drive, recorded } from "./support.ts";

const SAMPLES = [
  "web",
  "crash-loop",
  "deployment-lies",
  "start-error",
  "oom",
  "batch-ok",
  "batch-fail",
  "multi",
  "agent-log",
  "shell",
  "too-big",
  "windows-only",
  "no-driver",
  "wrong-dc",
  "port-clash",
  "nightly",
  "resize",
];

describe.each(SAMPLES)("%s", (name) => {
  const sample = (file: string) => {
    try {
      return recorded(`${name}/${file}`).body;
    } catch {
      return undefined;
    }
  };

  test("has the shapes of a real Nomad's replies", async () => {
    const { clock, get, send } = await drive();
    const sent = await send("POST", "/v1/jobs", { Job: sample("job") });
    expect(sent.body).toMatchObject({ EvalID: expect.any(String) });
    // one of many was recorded, at some moment: one of ours has to be like it at one of these
    const closest: Record<string, string[]> = {};
    for (const seconds of [1, 11, 60, 108]) {
      await clock.advance(seconds * 1000);
      for (const [file, table] of Object.entries({ allocation: "allocations", evaluation: "evaluations" })) {
        const theirs = sample(file);
        if (theirs === undefined) continue;
        for (const { ID } of (await get(`/v1/job/${name}/${table}`)).body) {
          const found = shapeDiffers((await get(`/v1/${file}/${ID}?related=true`)).body, theirs);
          if (found.length < (closest[file]?.length ?? Number.POSITIVE_INFINITY)) closest[file] = found;
        }
      }
    }
    const replies: Record<string, string> = {
      job: `/v1/job/${name}`,
      summary: `/v1/job/${name}/summary`,
      allocations: `/v1/job/${name}/allocations`,
      evaluations: `/v1/job/${name}/evaluations`,
      deployment: `/v1/job/${name}/deployment`,
      deployments: `/v1/job/${name}/deployments`,
      versions: `/v1/job/${name}/versions`,
      scale: `/v1/job/${name}/scale`,
    };
    const differs = Object.values(closest).flat();
    for (const [file, path] of Object.entries(replies)) {
      const theirs = sample(file);
      if (theirs === undefined) continue;
      const { body } = await get(path);
      differs.push(...shapeDiffers(body, theirs).map((difference) => `${file}${difference}`));
    }
    // of port-clash a node update was recorded, too
    expect(differs.filter((one) => !/^evaluations.*Node/.test(one))).toEqual([]);
  });
});
