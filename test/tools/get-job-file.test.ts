import { afterAll, beforeAll, expect, test } from "vitest";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { checkout, type Folder } from "../support/library.ts";

let jobs: Folder;
let session: DemoSession;

beforeAll(async () => {
  jobs = checkout("platform");
  jobs.write("vars.hcl", 'image = "nginx:1.27"\ndb_password = "hunter2-hunter2"\n');
  jobs.write(
    "web.nomad.hcl",
    `variable "image" {}
variable "db_password" {}

job "web" {
  group "api" {
    # serves the shop
    task "server" {
      driver = "docker"
      config {
        image = var.image
      }
    }
  }
  group "cron" {
    task "nightly" {
      driver = "docker"
    }
  }
}
`,
  );
  jobs.commit("Begin");
  const variables = [{ job_files: "platform/web*", var_files: ["platform/vars.hcl"] }];
  session = await demoSession({ library: { folders: [jobs.path], variables } });
});
afterAll(async () => {
  await session.close();
  jobs.remove();
});

const get = async (args: Record<string, unknown>) =>
  (await session.call("get_job_file", args)).text
    .replaceAll(/\d+[smh] ago|just now/g, "<ago>")
    .replaceAll(/commit [0-9a-f]{8}/g, "commit <id>");

test("the text with its variables, secrets masked", async () => {
  expect(await get({ file: "web.nomad.hcl" })).toMatchInlineSnapshot(`
    "platform/web.nomad.hcl, commit <id> of main, <ago>: job web, digest efd44e7945f7
    | variable "image" {}
    | variable "db_password" {}
    |
    | job "web" {
    |   group "api" {
    |     # serves the shop
    |     task "server" {
    |       driver = "docker"
    |       config {
    |         image = var.image
    |       }
    |     }
    |   }
    |   group "cron" {
    |     task "nightly" {
    |       driver = "docker"
    |     }
    |   }
    | }
    Values of its variables, of platform/vars.hcl:
    | image = "nginx:1.27"
    | db_password = "[masked]"
    [masked] stands for a value that answers do not show: save_job_file with replace and with changes other passages and leaves it"
  `);
});

test("only a group or a task, as it stands there", async () => {
  expect(await get({ file: "web.nomad.hcl", task: "nightly" })).toMatchInlineSnapshot(`
    "platform/web.nomad.hcl, commit <id> of main, <ago>: job web, digest efd44e7945f7
    |     task "nightly" {
    |       driver = "docker"
    |     }
    Values of its variables, of platform/vars.hcl:
    | image = "nginx:1.27"
    | db_password = "[masked]"
    [masked] stands for a value that answers do not show: save_job_file with replace and with changes other passages and leaves it"
  `);
  expect(await get({ file: "web.nomad.hcl", group: "web" })).toBe("The file has no group web; it has api and cron.");
});
