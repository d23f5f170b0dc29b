import { expect, test } from "vitest";
import { jobHcl } from "../../../../src/nomad/jobs/source/hcl-job.ts";
import { seal } from "../../../../src/text/sealed.ts";

// That Nomad makes the same job of it: test/contract/round-trip.test.ts.

const job = (task: object, group: object = {}) => ({
  ID: "web",
  Type: "service",
  TaskGroups: [{ Name: "web", Count: 1, ...group, Tasks: [{ Name: "main", Driver: "exec", ...task }] }],
});

test("texts mean themselves: escapes, expressions, what Nomad fills in when it runs, what nobody sees", () => {
  const Env = {
    QUOTES: 'a "b" \\n',
    SHELL: `\${HOME} %{x} \${attr.kernel.name} \${NOMAD_PORT_http}`,
    HIDDEN: seal("a\u0007b\u2028c\u202ed\u{e0041}e"),
  };
  expect(jobHcl(job({ Env }))).toMatchInlineSnapshot(`
    "job "web" {
      type = "service"

      group "web" {
        task "main" {
          driver = "exec"

          env {
            HIDDEN = "a\\u0007b\\u2028c\\u202ed\\U000e0041e"
            QUOTES = "a \\"b\\" \\\\n"
            SHELL  = "$\${HOME} %%{x} \${attr.kernel.name} \${NOMAD_PORT_http}"
          }
        }
      }
    }
    "
  `);
});

test("a text of several lines stands as it is, unless its lines end otherwise", () => {
  const Templates = ["one\n  two\n", "one\r\ntwo\r\n", "one\ntwo"].map((EmbeddedTmpl) => ({ EmbeddedTmpl }));
  expect(jobHcl(job({ Templates })).match(/data = .*(\n.*){3}/g)).toMatchInlineSnapshot(`
    [
      "data = <<EOT
    one
      two
    EOT",
      "data = "one\\r\\ntwo\\r\\n"
          }

          template {",
      "data = "one\\ntwo"
          }
        }
      }",
    ]
  `);
});

test("what Nomad adds for Consul, Vault and signals is left out, since it is added again", () => {
  const proxy = { Name: "connect-proxy-web", Kind: "connect-proxy:web", Driver: "docker" };
  const Constraints = ["consul.version", "vault.version", "os.signals", "kernel.name"].map((name) => ({
    LTarget: `\${attr.${name}}`,
    RTarget: "x",
    Operand: "=",
  }));
  const Networks = [{ Mode: "bridge", DynamicPorts: [{ Label: "connect-proxy-web", To: -1 }, { Label: "http" }] }];
  const made = job({ Kind: "connect-native:web" }, { Constraints, Networks });
  made.TaskGroups[0]?.Tasks.push(proxy);
  expect(jobHcl(made)).toMatchInlineSnapshot(`
    "job "web" {
      type = "service"

      group "web" {
        constraint {
          attribute = "\${attr.kernel.name}"
          value     = "x"
        }

        network {
          mode = "bridge"

          port "http" {}
        }

        task "main" {
          driver = "exec"
        }
      }
    }
    "
  `);
});
