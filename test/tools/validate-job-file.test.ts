import { afterEach, beforeEach, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const validate = async (job_file: string | object, args: object = {}) => {
  session.changes();
  const file = typeof job_file === "string" ? job_file : JSON.stringify(job_file);
  const { text } = await session.call("validate_job_file", { job_file: file, ...args });
  expect(session.changes()).toEqual([]);
  return text;
};

const good = `job "web" {
  group "api" {
    count          = 2
    shutdown_delay = "5s"
    network {
      port "http" {
        to = 80
      }
    }
    update {
      auto_revert = true
    }
    service {
      name     = "web"
      port     = "http"
      provider = "nomad"
      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
      }
    }
    task "server" {
      driver = "docker"
      config {
        image = "shop/web:1.4.2"
        ports = ["http"]
      }
      kill_timeout = "20s"
      resources {
        cpu    = 200
        memory = 256
      }
    }
  }
}
`;

test("a good job is one line", async () => {
  expect(await validate(good)).toMatchInlineSnapshot(`"web (namespace default) is valid; nothing to remark"`);
});

test("what a reviewer would change, most serious first, and Nomad's own warnings", async () => {
  const poor = good
    .replace("image = ", 'privileged = true\n        volumes = ["/etc/ssl:/ssl"]\n        image = ')
    .replace("web:1.4.2", "web")
    .replace(/ {6}check [^}]*\}\n/, "")
    .replace("auto_revert = true", "max_parallel = 2")
    .replace('shutdown_delay = "5s"', "")
    .replace('kill_timeout = "20s"', 'kill_timeout = "2m"\n      env {\n        DB_PASSWORD = "hunter2"\n      }')
    .replace("memory = 256", "memory = 64\n        memory_max = 2048");
  expect(await validate(poor)).toMatchInlineSnapshot(`
    "web (namespace default) is valid; 9 remarks, most serious first:
      api > server: DB_PASSWORD in plain text: whoever may read the job reads it, in every version; fill it in by a template from a Nomad variable or Vault
      api > server: privileged: the container can do on the node whatever root can
      api: no check on service web: what has run for 10s counts as healthy, whether it answers or not
      api: max_parallel is the count (2): a new version replaces all of them at once, so that none serves meanwhile; write max_parallel = 1
      api > server: it mounts /etc/ssl of the node: what is there does not move with the job, and docker refuses it unless the client's configuration enables volumes
      api > server: image shop/web has no tag, which means latest: a restart may run another version, and a revert does not bring the old one back; name a version
      api: auto_revert is off: a version that does not get healthy stays half rolled out until somebody reverts it; write auto_revert = true in the update block
      api > server: memory_max 2,048 MB is more than 4 times memory (64 MB): nodes are filled by the smaller number, and run out when tasks use the larger one
      api > server: kill_timeout 2m: a client cuts it to its max_kill_timeout, 30s unless configured
    Warning: group "api" defines services, but neither the group nor any of its tasks have shutdown_delay set; write shutdown_delay = "5s" in the group
    Warning: Memory oversubscription is not enabled; Task "api.server" memory_max value will be ignored. Update the Scheduler Configuration to allow oversubscription."
  `);
});

test("the same remark on several tasks is one", async () => {
  const task = (name: string) => ({ Name: name, Driver: "mock_driver", Config: { run_for: "1h" } });
  const group = { Name: "api", Count: 1, Tasks: ["one", "two", "three"].map(task), Update: { AutoRevert: true } };
  expect(await validate(mockJob("web", {}, {}, { TaskGroups: [group] }))).toMatchInlineSnapshot(`
    "web (namespace default) is valid; 1 remark:
      all 3 tasks: resources leave out what Nomad then takes as 100 MHz of CPU and 300 MB of memory: name what it needs"
  `);
});

test("what Nomad would refuse, with the remarks beside it", async () => {
  expect(
    await validate(
      mockJob("web", {}, { Tasks: [{ Name: "server", Driver: "", Resources: { CPU: 0, MemoryMB: 16 } }] }),
    ),
  ).toMatchInlineSnapshot(`
    "web (namespace default) is not valid, Nomad would refuse it:
      Task group api validation failed:
      Task server validation failed:
      Missing task driver
      minimum CPU value is 1; got 0
    Besides, 1 remark:
      api: no update block, and so auto_revert is off: a version that does not get healthy stays half rolled out until somebody reverts it; write auto_revert = true in the update block"
  `);
  expect(await validate(good.replace('job "web" {', 'job "web" {\n  namespace = "nowhere"'))).toMatchInlineSnapshot(`
    "web (namespace nowhere, as the file says) is not valid, Nomad would refuse it:
      job "web" is in nonexistent namespace "nowhere""
  `);
});

test("what cannot be read at all, with its place", async () => {
  expect(await validate(good.replace("driver", "drivr"))).toMatchInlineSnapshot(`
    "Nomad's parser refuses the job file. Nothing was submitted.
    line 25, column 7: Unsupported argument; An argument named "drivr" is not expected here. Did you mean "driver"?
      25: drivr = "docker""
  `);
  expect(await validate('{"ID": "web", "task_groups": []}')).toMatchInlineSnapshot(`
    "The job's JSON would not arrive in Nomad as it is meant. Nothing was submitted.
      task_groups: Nomad's JSON calls it TaskGroups"
  `);
});
