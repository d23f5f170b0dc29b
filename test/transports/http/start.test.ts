import { afterAll, describe, expect, test } from "vitest";
import { newKey } from "../../../src/access/keys.ts";
import { serve } from "../../../src/serve.ts";
import { loadSettings } from "../../../src/settings/settings.ts";
import { makeAuthority, makeFolder } from "../../support/authority.ts";

const folder = makeFolder();
afterAll(() => folder.remove());
const authority = await makeAuthority("CA");
const [good, other, old] = [
  await authority.issue("mcp.example"),
  await authority.issue("mcp.example"),
  await authority.issue("mcp.example", { from: -3, to: -1 }),
];
const cert = folder.write("cert.pem", good.cert);
const key = folder.write("key.pem", good.key);
const keys = folder.write("keys.toml", `[keys.anna]\nhash = "${newKey().hash}"\n`);
const staff = folder.write("staff.toml", '[roles.viewer]\ngroups = ["staff"]\n');
const people = folder.write("people.toml", '[roles.people]\ngroups = ["*"]\ntoken = "login"\n');
const state = folder.write("state", "x".repeat(40));

const tls = [`--tls-cert=${cert}`, `--tls-key=${key}`];
/** What a server that others reach has. */
const open = ["--listen=0.0.0.0:0", ...tls, "--public-url=https://mcp.example", `--keys-file=${keys}`];

/** Why it does not start. */
async function refused(argv: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const log: string[] = [];
  try {
    const line = (text: string) => void log.push(text);
    const serving = await serve(await loadSettings(["--demo", ...argv], env), { info: line, warn: line });
    await serving.end();
  } catch (error) {
    return error instanceof Error
      ? error.message.replaceAll(folder.path, "").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<time>")
      : String(error);
  }
  return "it starts";
}

test("with all that it needs it starts, on the network as on loopback", async () => {
  expect(await refused(open)).toBe("it starts");
  expect(await refused([...open, "--confirm=ask", `--state-key-file=${state}`])).toBe("it starts");
  expect(await refused(["--listen=127.0.0.1:0", `--keys-file=${keys}`, "--confirm=ask"])).toBe("it starts");
  expect(await refused(["--listen=127.0.0.1:0", "--auth=none"])).toBe("it starts");
  expect(
    await refused(["--listen=0.0.0.0:0", "--behind-proxy=10.0.0.0/8", "--allowed-hosts=mcp", `--keys-file=${keys}`]),
  ).toBe("it starts");
});

describe("refused at the start", () => {
  test.each<[string, readonly string[], Record<string, string>?]>([
    ["in clear on the network", ["--listen=0.0.0.0:0", "--public-url=https://mcp.example", `--keys-file=${keys}`]],
    ["without keys on the network", open.slice(0, -1)],
    ["without a name on the network", open.filter((flag) => !flag.startsWith("--public-url"))],
    ["for everybody on the network", [...open, "--auth=none", "--read-only"]],
    ["consent without a key that replicas share", [...open, "--confirm=ask"]],
    ["a certificate without its key", ["--listen=127.0.0.1:0", `--tls-cert=${cert}`]],
    [
      "a key of another certificate",
      ["--listen=127.0.0.1:0", `--tls-cert=${cert}`, `--tls-key=${folder.write("other.pem", other.key)}`],
    ],
    [
      "a certificate that has expired",
      [
        "--listen=127.0.0.1:0",
        `--tls-cert=${folder.write("old.pem", old.cert)}`,
        `--tls-key=${folder.write("old-key.pem", old.key)}`,
      ],
    ],
    [
      "a certificate that is none",
      ["--listen=127.0.0.1:0", `--tls-cert=${folder.write("none.pem", "x")}`, `--tls-key=${key}`],
    ],
    ["a client CA without TLS", ["--listen=127.0.0.1:0", `--tls-client-ca=${cert}`]],
    ["a public address in clear", ["--listen=127.0.0.1:0", "--public-url=http://mcp.example"]],
    ["a public address from BASE_URL that is none", ["--listen=127.0.0.1:0"], { BASE_URL: "mcp.example" }],
    ["every origin", ["--listen=127.0.0.1:0", "--allowed-origins=*"]],
    ["every host", ["--listen=127.0.0.1:0", "--allowed-hosts=*"]],
    ["a short state key", [...open, `--state-key-file=${folder.write("short", "short")}`]],
    ["a way to sign in that there is not", [...open, "--auth=oidc,saml"]],
    ["everybody beside keys", ["--listen=127.0.0.1:0", "--auth=none,keys"]],
    ["signing in without a provider", [...open, "--auth=oidc"]],
    ["a provider in clear", [...open, "--auth=oidc", "--oidc-issuer=http://login.example"]],
    ["a provider with a query", [...open, "--auth=oidc", "--oidc-issuer=https://login.example/?tenant=a"]],
    [
      "signing in without a public address",
      ["--listen=127.0.0.1:0", "--auth=oidc", "--oidc-issuer=https://login.example"],
    ],
    ["signing in where no role has groups", [...open, "--auth=oidc", "--oidc-issuer=https://login.example"]],
    [
      "a CA of the provider that is not there",
      [...open, `--config=${staff}`, "--auth=oidc", "--oidc-issuer=https://login.example", "--oidc-ca=/nowhere/ca.pem"],
    ],
    ["a login at Nomad where nobody signs in", [...open, `--config=${people}`]],
    ["Nomad jobs where no role has any", [...open, "--auth=workload-identity"]],
    ["Nomad jobs without a public address", ["--listen=127.0.0.1:0", "--auth=workload-identity"]],
    ["client certificates without their CA", [...open, "--auth=mtls"]],
    ["client certificates where no role has any", [...open, "--auth=mtls", `--tls-client-ca=${cert}`]],
    [
      "client certificates behind a proxy, which has its own",
      [...open, "--auth=mtls", `--tls-client-ca=${cert}`, "--behind-proxy=10.0.0.0/8"],
    ],
    ["Nomad tokens beside a provider", [...open, "--auth=oidc,nomad-token", "--oidc-issuer=https://login.example"]],
    ["Nomad tokens with the demo, which takes any", [...open, "--auth=nomad-token"]],
    [
      "Nomad tokens in clear on the network",
      ["--listen=0.0.0.0:0", "--public-url=https://mcp.example", "--auth=nomad-token"],
    ],
    ["a name of certificates that there is not", [...open, "--certificate-name=email"]],
    ["a place that is none", ["--listen=8000"]],
    ["a rate that is none", ["--listen=127.0.0.1:0", "--rate=fast"]],
    [
      "a range that is none",
      ["--listen=0.0.0.0:0", "--behind-proxy=all", "--allowed-hosts=mcp", `--keys-file=${keys}`],
    ],
  ])("%s", async (_, argv, env) => {
    const line = await refused(argv, env);
    expect(line).not.toContain("\n");
    expect(line).toMatchSnapshot();
  });

  test("everybody, where the server changes a real cluster", async () => {
    const read = await loadSettings(["--listen=127.0.0.1:0", "--auth=none"], {});
    const line = () => {};
    await expect(serve(read, { info: line, warn: line })).rejects.toThrow(
      "there for a server that only reads, or for the demo",
    );
  });

  test.each<[string, string, string]>([
    [
      "a role of Nomad tokens without the cluster that knows them",
      '[clusters.a]\naddress = "http://127.0.0.1:1"\n[clusters.b]\naddress = "http://127.0.0.1:2"\n[roles.ops]\nclusters = ["b"]\nnomad_policies = ["ops"]\n',
      "role ops has nomad_policies and no cluster a: a caller's own token is for that one alone",
    ],
    [
      "a library for Nomad tokens, where no role names policies",
      '[library]\nfolders = ["/nowhere"]\n[roles.ci]\njobs = ["default/ci"]\n',
      "nomad-token beside a library needs a role with nomad_policies",
    ],
  ])("%s", async (_, text, words) => {
    const read = await loadSettings(
      [`--config=${folder.write("config.toml", text)}`, "--listen=127.0.0.1:0", "--auth=nomad-token"],
      {},
    );
    const line = () => {};
    await expect(serve(read, { info: line, warn: line })).rejects.toThrow(words);
  });

  test("a place that is taken", async () => {
    const line = () => {};
    const serving = await serve(await loadSettings(["--demo", "--listen=127.0.0.1:0"], {}), { info: line, warn: line });
    expect(await refused([`--listen=${new URL(serving.address).host}`])).toMatch(/cannot be listened on: .*EADDRINUSE/);
    await serving.end();
  });
});
