// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL's templates are written so
import { existsSync, readdirSync } from "node:fs";
import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import { type GivenFile, readJobFile } from "../../../../src/nomad/jobs/file/job-file.ts";
import { readJobJson } from "../../../../src/nomad/jobs/file/job-json.ts";
import { NomadClient } from "../../../../src/nomad-client.ts";
import { unsealedValue } from "../../../../src/text/sealed.ts";
import { address, recorded, recordedNomad } from "../../../support/recorded.ts";

interface ParseBody {
  readonly JobHCL: string;
  readonly Variables?: string;
  readonly Canonicalize: boolean;
}

/** Nomad's parser as it was recorded in one exchange, and what it was asked. Any other request fails the test. */
function parser(file: string, change: (job: Record<string, unknown>) => Record<string, unknown> = (job) => job) {
  const { body, headers, request, status } = recorded<string | Record<string, unknown>>(file);
  const asked: ParseBody[] = [];
  recordedNomad({
    job: "web",
    extra: [
      http.post<never, ParseBody>(`${address}/v1/jobs/parse`, async ({ request }) => {
        asked.push(await request.json());
        return new HttpResponse(typeof body === "string" ? body : JSON.stringify(change(body)), { headers, status });
      }),
      http.get(`${address}/v1/regions`, () => HttpResponse.json(["eu", "us"])),
    ],
  });
  const sent = request.body;
  const hcl = typeof sent === "object" && sent !== null && "JobHCL" in sent ? String(sent.JobHCL) : "";
  return { asked, hcl };
}

async function read(given: GivenFile, setting: { namespace?: string; region?: string } = {}) {
  const namespace = given.namespace ?? setting.namespace ?? "default";
  const { region } = setting;
  const nomad = new NomadClient({ base: address, namespace, region, readOnly: false, fetch });
  return await readJobFile(nomad, given);
}

const refusal = async (given: GivenFile, setting?: { namespace?: string; region?: string }) =>
  await read(given, setting).then(
    () => "not refused",
    (error: Error) => `${error.name}: ${error.message}`,
  );

const json = (job: unknown) => ({ text: JSON.stringify(job) });
const mistakes = (job: unknown) => {
  try {
    readJobJson(typeof job === "string" ? job : JSON.stringify(job));
    return "none";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

describe("JSON", () => {
  const folder = new URL("../../../recorded/", import.meta.url);
  const jobs = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/job.json`, folder)));

  test.each(jobs)("takes the job of %s as Nomad gives it, wrapped or bare", (name) => {
    const job = recorded(`${name}/job.json`).body;
    expect(unsealedValue(readJobJson(JSON.stringify(job)))).toEqual(job);
    expect(unsealedValue(readJobJson(JSON.stringify({ Job: job })))).toEqual(job);
  });

  test("takes what Nomad's parser makes of HCL", () => {
    const job = recorded("parse/hello-vars.json").body;
    expect(readJobJson(JSON.stringify(job))).toEqual(job);
  });

  test("spells the keys as Nomad does, whatever their case, and leaves free-form maps alone", () => {
    const given = { job: { id: "x", meta: { some_key: "1" }, taskgroups: [{ name: "g", count: 2 }] } };
    expect(readJobJson(JSON.stringify(given))).toEqual({
      ID: "x",
      Meta: { some_key: "1" },
      TaskGroups: [{ Name: "g", Count: 2 }],
    });
  });

  test("refuses what Nomad would misread in silence, each with its path", () => {
    const job = {
      ID: "x",
      task_groups: [],
      NewerThanWeKnow: null,
      TaskGroups: [
        null,
        {
          Name: "g",
          Cuont: 3,
          Count: "3",
          restart: {},
          Update: { MinHealthyTime: "10s", HealthyDeadline: 30, ProgressDeadline: "1h30m" },
          Tasks: [
            {
              Name: "t",
              image: "nginx",
              memory: 300,
              Env: { PORT: 8080 },
              Config: { ports: ["http"], any_thing: null },
              Resources: { memory: 300, CPU: 1.5 },
            },
          ],
        },
      ],
    };
    expect(mistakes({ Job: job })).toMatchInlineSnapshot(`
      "The job's JSON would not arrive in Nomad as it is meant. Nothing was submitted.
        task_groups: Nomad's JSON calls it TaskGroups
        TaskGroups[0]: is null: take it out
        TaskGroups[1].Cuont: Nomad has no such key; Count is near
        TaskGroups[1].Count: must be a whole number, without quotes
        TaskGroups[1].restart: Nomad's JSON calls it RestartPolicy
        TaskGroups[1].Update.MinHealthyTime: durations are nanoseconds in JSON: 10000000000 instead of "10s"
        TaskGroups[1].Update.HealthyDeadline: durations are nanoseconds in JSON: 30000000000 for 30 s
        TaskGroups[1].Update.ProgressDeadline: durations are nanoseconds in JSON: 5400000000000 instead of "1h30m"
        TaskGroups[1].Tasks[0].image: Nomad has no such key; options of the driver stand in Config
        TaskGroups[1].Tasks[0].memory: Nomad's JSON has it in Resources, as MemoryMB
        and 3 mistakes more
      (A key of a Nomad newer than this server can be submitted in HCL.)"
    `);
    expect(
      mistakes({ ID: "x", Datacenters: "dc1", Priority: 50, priority: 60, Meta: [], AllAtOnce: "true" }),
    ).toMatchInlineSnapshot(`
        "The job's JSON would not arrive in Nomad as it is meant. Nothing was submitted.
          Datacenters: must be a list: [...]
          priority: Priority is there twice
          Meta: must be an object: {...}
          AllAtOnce: must be true or false, without quotes"
      `);
  });

  test("refuses HCL in JSON syntax and options beside the job", () => {
    expect(mistakes({ job: { web: { group: { api: {} } } } })).toMatchInlineSnapshot(`
      "The job file is HCL in JSON syntax ({"job": {"web": {...}}}), not Nomad's JSON ({"Job": {"ID": "web", ...}}). Nothing was submitted.
      Next: format=hcl submits it as HCL"
    `);
    expect(mistakes({ Job: { ID: "x" }, EnforceIndex: true })).toMatchInlineSnapshot(
      `"Only Job is read of the job file, and beside it stands EnforceIndex: take that out. Nothing was submitted."`,
    );
    expect(mistakes([{ ID: "x" }])).toMatchInlineSnapshot(
      `"The job file's JSON must be one job, bare or as {"Job": {...}}. Nothing was submitted."`,
    );
  });

  test("says where it stops being JSON", () => {
    expect(mistakes('{\n  "ID": "web",\n  "Type": service\n}')).toMatchInlineSnapshot(`
      "The job file is not valid JSON at line 3, column 11. Nothing was submitted.
        3: "Type": service"
    `);
    expect(mistakes('{"ID": "web", "TaskGroups": [{"Name": "g",}]}')).toContain("line 1, column 43");
    expect(mistakes('{"ID": "a\tb"}')).toContain("line 1, column 8");
    expect(mistakes('{"ID": 01}')).toContain("line 1, column 9");
    expect(mistakes('{"ID": "web"} }')).toContain("line 1, column 15");
    expect(mistakes('{"ID": "web", "Meta": {"a": "b"}')).toContain("ends too early");
  });

  test.each([
    ["80,000 unknown keys", `{"ID":"x",${Array.from({ length: 80_000 }, (_, i) => `"aaaa${i}":1`).join()}}`],
    ["an endless string", `{"ID":"${"\\n".repeat(500_000)}`],
    ["brackets that never close", `{"ID":"x","Meta":${"[".repeat(1_000_000)}`],
    [
      "a map as deep as the file",
      `{"Meta":{},"TaskGroups":[{"Tasks":[{"Config":{"a":${"[".repeat(4e5)}${"]".repeat(4e5)}}}]}]}`,
    ],
  ])("is not held up by %s", (_, text) => {
    const started = performance.now();
    const said = mistakes(text);
    expect(said).toContain("Nothing was submitted");
    expect(said.length).toBeLessThan(2_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("HCL", () => {
  test("is parsed by Nomad, as it stands, and kept as the source", async () => {
    const { asked, hcl } = parser("parse/hello-vars.json");
    const variables = 'image = "nginx:1.29"\ncount = 1\n';
    const file = await read({ text: hcl, variables });
    expect(asked).toEqual([{ JobHCL: hcl, Variables: variables, Canonicalize: false }]);
    expect(file.submission).toEqual({ Source: hcl, Format: "hcl2", Variables: variables, VariableFlags: {} });
    expect(recorded("parse/hello-vars.json").body).toMatchObject(file.job);
    expect(file).toMatchObject({ id: "hello", namespace: "prod", why: ", as the file says" });
  });

  test("in JSON syntax goes to the parser where format says hcl", async () => {
    const { asked } = parser("parse/hello-vars.json");
    const text = '\n{"variable": {"image": {}}, "job": {"hello": {}}}';
    await read({ text, format: "hcl", variables: '{"image": "x"}' });
    // Nomad takes it for JSON only without the line break in front (jobspec2/parse.go, isJSON).
    expect(asked[0]?.JobHCL).toBe(text.trim());
  });

  test("refuses variables that the file does not declare: Nomad would ignore them", async () => {
    const { hcl } = parser("parse/hello-vars.json");
    expect(await refusal({ text: hcl, variables: 'imgae = "nginx:1.29"\ncount = 2' })).toMatchInlineSnapshot(
      `"Refusal: The job file declares no variable imgae: Nomad would ignore what was given. It declares image and count. Nothing was submitted."`,
    );
  });

  test("finds declarations and assignments among comments, strings and heredocs", async () => {
    const declared = `# variable "no1" {}
/* variable "no2" {} **/ variable "a" { default = "}" }
variable b-c {
  type = object({ no3 = string })
  default = { no4 = "\${"nested \\" { quote"}" }
}
variables {
  d = <<-EOT
    variable "no5" {}
    \${ <<INNER
EOT is not the end here
INNER
}
    EOT
  é_1 = ["[", 2] // e = 3
}
locals { no6 = 1 }
job "hello" {
  group "g" { task "t" { template { data = <<EOF
variable "no7" {}
{{ range $i, $e := service "x" }}
EOF
  } } }
}`;
    const assigned = (names: string[]) => names.map((name) => `${name} = {\n  no = "# x = 1"\n}`).join("\n");
    parser("parse/hello.json");
    await read({ text: declared, variables: assigned(["a", "b-c", "d", "é_1"]) });
    const names = ["no1", "no2", "no3", "no4", "no5", "no6", "no7", "e", "EOT"];
    expect(await refusal({ text: declared, variables: assigned(names) })).toMatchInlineSnapshot(
      `"Refusal: The job file declares no variables no1, no2, no3, no4, no5, no6, no7, e or EOT: Nomad would ignore what was given. It declares a, b-c, d and é_1. Nothing was submitted."`,
    );
  });

  test.each([
    ["strings in strings", '"${'.repeat(250_000)],
    ["heredocs", "a = <<E\n".repeat(125_000)],
    ["blank heredoc lines", `a = <<E\n${" \n".repeat(500_000)}`],
    ["a comment", `/*${"* a".repeat(330_000)}*/`],
    ["declarations", 'variable "x" {}\n'.repeat(60_000)],
  ])("is not held up by a megabyte of %s", async (_, text) => {
    parser("parse/hello.json");
    const started = performance.now();
    await refusal({ text, variables: text });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("complaints of the parser come with line, column and the line itself", async () => {
    const { hcl } = parser("errors/parse-syntax.json");
    expect(await refusal({ text: hcl })).toMatchInlineSnapshot(`
      "Refusal: Nomad's parser refuses the job file. Nothing was submitted.
      line 4, column 16: Invalid expression; Expected the start of an expression, but found an invalid expression token.
        4: driver ="
    `);
  });

  test("a complaint that follows from another is left out", async () => {
    const { hcl } = parser("errors/parse-unknown-var.json");
    expect(await refusal({ text: hcl })).toMatchInlineSnapshot(`
      "Refusal: Nomad's parser refuses the job file. Nothing was submitted.
      line 2, column 21: Unsupported attribute; This object does not have an attribute named "dc".
        2: datacenters=["\${var.dc}"]
      Next: declare it in the job file: variable "dc" {}"
    `);
  });

  test("file functions, which the server has not, come with what to do instead", async () => {
    const { hcl } = parser("errors/parse-file-fn.json");
    expect(await refusal({ text: hcl })).toMatchInlineSnapshot(`
      "Refusal: Nomad's parser refuses the job file. Nothing was submitted.
      line 6, column 9: Error in function call; Call to function "file" failed: filesystem function disabled.
        6: data = file("a.txt")
      Nomad's server reads no files, so file() works only in the nomad command: put the file's content into the job file in its place (<<EOF ... EOF)."
    `);
  });
});

describe("where it goes", () => {
  const ofNamespace = (Namespace?: string) => json({ ID: "x", Namespace });

  test("the file's namespace, else the argument's, else the setting's", async () => {
    expect(await read(ofNamespace("prod"))).toMatchObject({ namespace: "prod", why: ", as the file says" });
    expect(await read({ ...ofNamespace("prod"), namespace: "prod" })).toMatchObject({ namespace: "prod", why: "" });
    expect(await read({ ...ofNamespace(), namespace: "dev" })).toMatchObject({ namespace: "dev", why: "" });
    expect(await read(ofNamespace(""), { namespace: "dev" })).toMatchObject({ namespace: "dev", why: "" });
    expect(await read(ofNamespace("prod"), { namespace: "*" })).toMatchObject({ namespace: "prod" });
    const { job } = await read(ofNamespace(), { namespace: "dev" });
    expect(job).toEqual({ ID: "x", Namespace: "dev" });
  });

  test("refuses a contradiction and the wildcard", async () => {
    expect(await refusal({ ...ofNamespace("prod"), namespace: "dev" })).toMatchInlineSnapshot(
      `"Refusal: The job file says namespace prod, the call says namespace=dev: leave the argument out or change the file. Nothing was submitted."`,
    );
    expect(await refusal({ ...ofNamespace("prod"), namespace: "*" })).toMatchInlineSnapshot(
      `"Refusal: * is no namespace that a job can be in: name one, in the call or in the job file. Nothing was submitted."`,
    );
    expect(await refusal(ofNamespace(), { namespace: "*" })).toContain("* is no namespace");
  });

  test("a region must be the one that this server works in", async () => {
    const inRegion = (Region: string) => json({ ID: "x", Region });
    parser("parse/hello.json");
    expect(await read(inRegion("eu"), { region: "eu" })).toMatchObject({ id: "x" });
    expect(await read(inRegion("global"))).toMatchObject({ id: "x" });
    expect(await refusal(inRegion("eu"), { region: "us" })).toMatchInlineSnapshot(
      `"Refusal: The job file says region eu, this server works in region us (NOMAD_REGION). Nothing was submitted."`,
    );
    expect(await refusal(inRegion("us"))).toMatchInlineSnapshot(
      `"Refusal: The job file says region us: to submit there, start this server with NOMAD_REGION=us. Nothing was submitted."`,
    );
    expect(await refusal(inRegion("mars"))).toMatchInlineSnapshot(
      `"Refusal: The job file says region mars: there is no such region, but eu and us. Nothing was submitted."`,
    );
  });

  test("what is read back of a stopped job or of a child is no job to submit", async () => {
    expect(await refusal(json({ ID: "x", Stop: true }))).toMatchInlineSnapshot(
      `"Refusal: The job file says "Stop": true, with which Nomad would keep the job stopped, or stop it. Take it out to run the job. Nothing was submitted."`,
    );
    expect(await refusal(json({ ID: "x/periodic-1", ParentID: "x" }))).toMatchInlineSnapshot(
      `"Refusal: The job file is one run (a child) of job x, which Nomad itself makes: submit the parent's file. Nothing was submitted."`,
    );
    expect(await refusal(json({ Name: "x" }))).toMatchInlineSnapshot(
      `"Refusal: The job has no ID. Nothing was submitted."`,
    );
    expect(await refusal({ ...json({ ID: "x" }), variables: "a = 1" })).toMatchInlineSnapshot(
      `"Refusal: variables are for job files in HCL, and this one is JSON. Nothing was submitted."`,
    );
  });

  test("a version and its tag from elsewhere are left out", async () => {
    const { job } = await read(json({ ID: "x", Version: 7, VersionTag: { Name: "good" }, Type: "batch" }));
    expect(job).toEqual({ ID: "x", Type: "batch", Namespace: "default" });
  });
});
