import { afterEach, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../../../support/demo-session.ts";
import { denied, front } from "../../../support/front.ts";
import { openSession } from "../../../support/session.ts";

// The question to a person before a job is registered.

let session: DemoSession;
afterEach(() => session.close());

/** The question, without the code and where the cluster is. */
async function question(name: string, args: object): Promise<string> {
  const { text } = await session.call(name, { ...args });
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "<address>")
    .replace(/\nShow this to the person.*$/s, "")
    .replace(/^Not done yet: .*\n/, "");
}

const file = (job: object) => ({ job_file: JSON.stringify({ Job: job }) });

test("an update: what is replaced, what it runs and what changes, without its secrets", async () => {
  session = await demoSession({ confirm: "ask" });
  const task = (image: string, more: object = {}) => ({
    ...{ Name: "server", Driver: "docker", Resources: { CPU: 20, MemoryMB: 16 } },
    ...{ Config: { image, args: ["-v"] }, Env: { DB_PASSWORD: "Zebra-Quartz-77" }, ...more },
  });
  await session.register(mockJob("shop", {}, { Count: 2, Tasks: [task("shop:1")] }));
  const next = mockJob("shop", {}, { Count: 2, Tasks: [task("shop:2", { Env: { DB_PASSWORD: "Mango-Orbit-71" } })] });
  expect(await question("submit_job_file", file(next))).toMatchInlineSnapshot(`
    "Submit a job file of 276 bytes for shop
      job: shop (service, version 0)
      namespace: default
      cluster: <address>
      allocations: 2 run
      It would become version 1: 2 replaced
    Runs:
      group api, count 2
        task server: docker "shop:2" "-v", 20 MHz, 16 MB
    Changes:
      group api > task server > env DB_PASSWORD: [masked] -> [masked]
      group api > task server > config > image: shop:1 -> shop:2"
  `);
});

test("what reaches to the node stands first", async () => {
  session = await demoSession({ confirm: "ask" });
  const tasks = [
    { Name: "a", Driver: "raw_exec", Config: { command: "/bin/sh", args: ["-c", "id"] } },
    {
      ...{ Name: "b", Driver: "docker", User: "root:root" },
      Config: {
        ...{ image: "x:1", privileged: true, network_mode: "host", cap_add: ["sys_admin"] },
        volumes: ["/var/run/docker.sock:/s", "local:/l"],
      },
    },
    { Name: "c", Driver: "exec", User: "app", Config: { command: "run" } },
  ].map((task) => ({ ...task, Resources: { CPU: 20, MemoryMB: 16 } }));
  const Volumes = { data: { Name: "data", Type: "host", Source: "disk", ReadOnly: false } };
  expect(
    await question("submit_job_file", file(mockJob("deep", {}, { Tasks: tasks, Volumes }))),
  ).toMatchInlineSnapshot(`
    "Submit a job file of 655 bytes for deep
      job: deep (new: there is none of that id)
      namespace: default
      cluster: <address>
      It would be created: 1 new; nothing of that would fit now
    Reaches to the node:
      api > task a: raw_exec, without isolation, as the user of the Nomad client, usually root
      api > task b: privileged: it can do on the node what root can; shares with the node: network_mode = host; capabilities added: sys_admin; mounts of the node /var/run/docker.sock; user root
      api > host volume data: disk of the node, may be written
    Runs:
      group api, count 1
        task a: raw_exec "/bin/sh" "-c" "id", 20 MHz, 16 MB
        task b: docker "x:1", 20 MHz, 16 MB, user root:root
        task c: exec "run", 20 MHz, 16 MB, user app"
  `);
});

test("create_job asks, too, and not about a job that it would refuse", async () => {
  session = await demoSession({ confirm: "ask" });
  const args = { docker_image: "nginx:1.27", env_vars: { API_TOKEN: "a8f5-Mango-Orbit-71" }, wait_seconds: 0 };
  expect(await question("create_job", { ...args, job_id: "fresh" })).toMatchInlineSnapshot(`
    "Create job fresh
      job: fresh (new: there is none of that id)
      namespace: default
      cluster: <address>
      It would be created: 1 new
    Runs:
      group fresh, count 1
        task fresh: docker "nginx:1.27", 100 MHz, 300 MB"
  `);
  expect(await question("create_job", { ...args, job_id: "web" })).toMatchInlineSnapshot(`
    "There is a job web already (version 0, namespace default), and create_job replaces none. Nothing was changed.
    Next: submit_job_file changes it"
  `);
});

test("a token that may not plan: what it runs, and that the rest is not known", async () => {
  session = await demoSession();
  const before = await front(session.demo.address, ({ pathname }) => (pathname.endsWith("/plan") ? denied : undefined));
  const asking = await openSession({ address: before.address, confirm: "ask" });
  const { text } = await asking.call("submit_job_file", file(mockJob("web")));
  expect(text).toContain("What it would change is not known: the token may not plan jobs (submit-job or plan-job).");
  expect(text).toContain("Runs:\n");
  await asking.close();
  await before.stop();
});

test("much of everything is bounded, and said to be cut", async () => {
  session = await demoSession({ confirm: "ask" });
  const group = (name: number) => ({
    ...{ Name: `g${name}`, Count: 1 },
    Tasks: [
      { Name: "t", Driver: "raw_exec", Config: { command: "x".repeat(120) }, Resources: { CPU: 1, MemoryMB: 10 } },
    ],
  });
  const job = { ...mockJob("wide"), TaskGroups: Array.from({ length: 60 }, (_, number) => group(number)) };
  const text = await question("submit_job_file", file(job));
  expect(text.length).toBeLessThan(4_100);
  expect(text).toMatch(/\n {2}and 52 lines more\nRuns:/);
});
