import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoSession, demoSession } from "../../../support/demo-session.ts";
import { folder } from "../../../support/library.ts";

let session: DemoSession;
const jobs = folder("platform");

/** A job with a secret, and a template whose own words are those of the mask. */
const file = (id: string, { password = '"hunter2-hunter2"', log = "info", head = "" } = {}) => `${head}job "${id}" {
  group "api" {
    task "server" {
      driver = "mock_driver"
      config {
        run_for = "1h"
      }
      env {
        DB_PASSWORD = ${password}
        LOG_LEVEL   = "${log}"
      }
      template {
        data        = <<EOF
replacement: "[masked]"
EOF
        destination = "local/redact.yaml"
      }
    }
  }
}
`;
const plain = (id: string) => file(id).replace('"[masked]"', '"***"');
const variable = 'variable "password" {}\n';

beforeAll(async () => {
  jobs.write("redacts.nomad.hcl", file("redacts"));
  jobs.write("varied.nomad.hcl", file("varied", { password: "var.password", head: variable }));
  session = await demoSession({ library: { folders: [jobs.path] } });
  await session.call("submit_job_file", { file: "redacts.nomad.hcl", wait_seconds: 0 });
  await session.call("submit_job_file", { job_file: plain("web-shop"), wait_seconds: 0 });
  session.changes();
});
afterAll(async () => {
  await session.close();
  jobs.remove();
});

const call = async (tool: string, args: Record<string, unknown>) => {
  const wait = tool === "submit_job_file" ? { wait_seconds: 0 } : {};
  return (await session.call(tool, { ...args, ...wait })).text;
};
const refused = "[masked] stands for a value that answers do not show, and the job would get that word in its place";

describe.each(["plan_job", "validate_job_file", "submit_job_file"])("%s", (tool) => {
  test("a text that came out of an answer is refused, by its lines", async () => {
    const { text: spec } = await session.call("get_job_spec", { job_id: "web-shop", section: "source" });
    const given = spec
      .split("\n")
      .filter((line) => line.startsWith("| ") || line === "|")
      .map((line) => `${line.slice(2)}\n`)
      .join("");
    expect(given).toBe(plain("web-shop").replace("hunter2-hunter2", "[masked]"));
    session.changes();
    const text = await call(tool, { job_file: given.replace("info", "debug") });
    expect(text).toContain(`Line 9 of job_file: ${refused}. Nothing was submitted.\nNext: `);
    expect(session.changes()).toEqual([]);
  });

  test("also as JSON, in a template, in part of a value, and where no such job is", async () => {
    const text = await call(tool, { job_file: file("redacts-too") });
    expect(text).toContain(`Line 14 of job_file: ${refused}`);
    const Tasks = [{ Name: "t", Driver: "mock_driver", Env: { DB_URL: "postgres://app:[masked]@db/app" } }];
    const job = { ID: "json", Type: "service", Datacenters: ["*"], TaskGroups: [{ Name: "g", Tasks }] };
    const json = JSON.stringify(job, null, 2);
    const line = json.split("\n").findIndex((each) => each.includes("[masked]")) + 1;
    expect(await call(tool, { job_file: json })).toContain(`Line ${line} of job_file: ${refused}`);
  });

  test("in variables, of a text and of a file of the library", async () => {
    const text = file("varied", { password: "var.password", head: variable }).replace("[masked]", "***");
    const variables = 'password = "[masked]"';
    expect(await call(tool, { job_file: text, variables })).toContain(`Line 1 of variables: ${refused}`);
    expect(await call(tool, { file: "varied.nomad.hcl", variables })).toContain(`Line 1 of variables: ${refused}`);
  });

  test("not where the job that runs has these very words, in a comment, or in a file of the library", async () => {
    for (const args of [
      { job_file: file("redacts", { log: tool }) },
      { job_file: `# secrets are shown as [masked]\n${plain("web-shop")}` },
      { file: "redacts.nomad.hcl" },
    ]) {
      const { text, isError } = await session.call(tool, {
        ...args,
        ...(tool === "submit_job_file" && { wait_seconds: 0 }),
      });
      expect(isError, text).toBe(false);
    }
  });

  test("where the job has the words once, they do not pass for a secret beside them", async () => {
    const text = await call(tool, { job_file: file("redacts", { password: '"[masked]"' }) });
    expect(text).toContain(`Lines 9 and 14 of job_file: ${refused}`);
  });
});

test("plan_job refuses new_job as create_job does", async () => {
  const new_job = { job_id: "x", docker_image: "nginx", env_vars: { DB_PASSWORD: "[masked]" } };
  expect(await call("plan_job", { new_job })).toBe(
    "env_vars: DB_PASSWORD: [masked] stands for a value that answers do not show: give the value itself.\nNothing was submitted.",
  );
});
