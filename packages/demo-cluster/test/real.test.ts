import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Answer, drive } from "./support.ts";

/** What a real Nomad (2.0.6-dev) answered to the same requests. */
function real<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(`real/${file}.json`, import.meta.url), "utf8"));
}

test("job files are parsed, or refused, as by a real Nomad", async () => {
  const { send } = await drive();
  for (const { hcl, status, body } of real<{ hcl: string; status: number; body: Answer["body"] }>("parsed")) {
    const mine = await send("POST", "/v1/jobs/parse", { JobHCL: hcl, Canonicalize: false });
    expect({ hcl, status: mine.status, body: mine.body }).toEqual({ hcl, status, body });
  }
});

test("jobs are refused, or warned of, as by a real Nomad", async () => {
  const { send } = await drive();
  for (const { job, status, text } of real<{ job: { ID: string }; status: number; text: string }>("refused")) {
    const mine = await send("POST", "/v1/jobs", { Job: job });
    const said = mine.status === 200 ? mine.body.Warnings : mine.body;
    expect({ job, status: mine.status, text: said }).toEqual({ job, status, text });
    if (mine.status === 200) await send("DELETE", `/v1/job/${job.ID}?purge=true`);
  }
});

test("a construct that the parser does not know is a 501, and not a wrong job", async () => {
  const { send } = await drive();
  const task = (driver: string) =>
    `job "x" {\n  group "g" {\n    task "t" {\n      driver = ${driver}\n    }\n  }\n}\n`;
  for (const driver of [
    'upper("docker")',
    '"a" == "b" ? "c" : "d"',
    '"%{ if true }docker%{ endif }"',
    '[for x in ["a"] : x][0]',
  ])
    expect(await send("POST", "/v1/jobs/parse", { JobHCL: task(driver) })).toMatchObject({
      status: 501,
      body: expect.stringContaining("demo cluster"),
    });
});
