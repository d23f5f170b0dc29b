import { describe, expect, test } from "vitest";
import { readAddress } from "../src/api/connect/address.ts";
import { Refusal } from "../src/api/errors/refusal.ts";
import { readSettings } from "../src/settings/settings.ts";
import { settingsTable } from "../src/settings/table.ts";
import type { ClusterSettings, NetworkSettings, ReachSettings, SessionSettings } from "../src/settings/types.ts";

/** What a start with these settings says instead of starting. */
function refused(argv: string[], env: Record<string, string> = {}): string {
  try {
    readSettings(argv, env);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  throw new Error("it starts");
}

/** The settings of a start with one cluster, those of the cluster among them. */
function settings(argv: string[], env: Record<string, string> = {}) {
  const { settings: read, network } = readSettings(argv, env);
  return { ...network, ...read, ...read.clusters[0] };
}

/** What is a setting of the start alone, or of several clusters, is tried in settings-file.test.ts. */
const tried = settingsTable.filter(({ key, noFlag }) => key !== "config" && key !== "cluster" && !noFlag);
type Tried = Exclude<
  keyof ClusterSettings | keyof SessionSettings | keyof NetworkSettings | keyof ReachSettings,
  "name" | "settingName" | "accessKey"
>;

/** Two values for each setting that it takes, none of them its default. */
const values: Record<Tried, readonly [string, string]> = {
  address: ["http://flag.test:1", "http://env.test:2"],
  token: ["flag-token", "env-token"],
  namespace: ["flag", "env"],
  region: ["flag", "env"],
  caCert: ["/flag.pem", "/env.pem"],
  caPath: ["/flag", "/env"],
  clientCert: ["/flag.pem", "/env.pem"],
  clientKey: ["/flag.key", "/env.key"],
  tlsServerName: ["flag.test", "env.test"],
  skipVerify: ["true", "false"],
  tokenFile: ["/flag.token", "/env.token"],
  httpAuth: ["flag:x", "env:x"],
  loginMethod: ["flag", "env"],
  systemCa: ["true", "false"],
  readOnly: ["true", "false"],
  toolsets: ["jobs", "allocations"],
  enabledTools: ["stop_job", "start_job"],
  disabledTools: ["stop_job", "start_job"],
  namespaces: ["flag", "env"],
  confirm: ["ask", "ask"],
  showVariables: ["true", "true"],
  auditLog: ["/flag.log", "/env.log"],
  audit: ["all", "all"],
  server: ["https://flag.test/mcp", "https://env.test/mcp"],
  accessKeyFile: ["/flag.key", "/env.key"],
  serverCa: ["/flag.pem", "/env.pem"],
  serverClientCert: ["/flag.pem", "/env.pem"],
  serverClientKey: ["/flag.key", "/env.key"],
  allowHttp: ["true", "false"],
  sendToken: ["true", "false"],
  demo: ["true", "true"],
  listen: ["127.0.0.1:1", "unix:///run/mcp.sock"],
  publicUrl: ["https://flag.test", "https://env.test"],
  tlsCert: ["/flag.pem", "/env.pem"],
  tlsKey: ["/flag.key", "/env.key"],
  tlsClientCa: ["/flag.pem", "/env.pem"],
  behindProxy: ["10.0.0.0/8", "::1"],
  allowedHosts: ["flag.test", "env.test"],
  allowedOrigins: ["https://flag.test", "https://env.test"],
  auth: ["none", "none"],
  keysFile: ["/flag.toml", "/env.toml"],
  certificateName: ["uri", "cn"],
  allowManagement: ["true", "false"],
  oidcIssuer: ["https://flag.test", "https://env.test"],
  oidcAudience: ["api://flag", "api://env"],
  oidcUserClaim: ["email", "upn"],
  oidcGroupsClaim: ["roles", "teams"],
  oidcScopes: ["openid", "profile"],
  oidcCa: ["/flag.pem", "/env.pem"],
  stateKeyFile: ["/flag", "/env"],
  rate: ["1/s", "2/h"],
  maxCalls: ["1", "2"],
  rest: ["true", "false"],
  metricsListen: ["127.0.0.1:9100", "127.0.0.1:9101"],
  drainSeconds: ["0", "1"],
};

/** What a text comes to that is not taken as it is. */
const read = { switch: (text: string) => text === "true", list: (text: string) => [text], number: Number };

/** Both halves of a client certificate belong together. */
const beside = { clientCert: "NOMAD_CLIENT_KEY", clientKey: "NOMAD_CLIENT_CERT" } as const;

describe.each(tried.map((setting) => [setting.key as Tried, setting] as const))(
  "%s",
  (key, { flag, env, kind, restricts, default: usual }) => {
    const [fromFlag, fromEnv] = values[key];
    const as = (text: string | undefined) =>
      text !== undefined && kind in read ? read[kind as keyof typeof read](text) : text;
    const needs = key === "clientCert" || key === "clientKey" ? { [beside[key]]: "/other.pem" } : {};

    test("unset: its default", () => {
      expect(settings([])[key]).toEqual(as(usual));
    });

    test("the flag, in both ways to write it", () => {
      expect(settings([`--${flag}=${fromFlag}`], needs)[key]).toEqual(as(fromFlag));
      if (kind !== "switch") expect(settings([`--${flag}`, fromFlag], needs)[key]).toEqual(as(fromFlag));
      else expect(settings([`--${flag}`])[key]).toBe(true);
    });

    if (env !== undefined) {
      test("the environment, and the flag before it", () => {
        expect(settings([], { ...needs, [env]: fromEnv })[key]).toEqual(as(fromEnv));
        expect(settings([`--${flag}=${fromFlag}`], { ...needs, [env]: fromEnv })[key]).toEqual(as(fromFlag));
      });

      test("empty is unset", () => {
        expect(settings([], { [env]: "" })[key]).toEqual(as(usual));
      });

      test("a left-over placeholder stops the start where it restricts, else it is unset, and said", () => {
        if (restricts) {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts leave over
          for (const text of ["${READ_ONLY}", "${user_config.x}", " ${X} ", "a,${X}"]) {
            const said = `${env} holds the placeholder "${text.trim().replace("a,", "")}", which nothing was filled in for: without its value more would be allowed than is meant. Write the value itself there, or take the setting out.`;
            expect(refused([], { [env]: text })).toBe(said);
            expect(refused([`--${flag}=${text}`])).toBe(said.replace(env, `--${flag}`));
          }
          return;
        }
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts leave over
        const { notices } = readSettings([], { [env]: "${user_config.x}" });
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts leave over
        expect(settings([], { [env]: "${user_config.x}" })[key]).toEqual(as(usual));
        expect(notices).toEqual([`${env} is a left-over placeholder, taken as not set`]);
      });
    }

    if (kind === "switch") {
      test.each(["1", "t", "T", "TRUE", "true", "True"])("%s is true, as in Go", (text) => {
        expect(settings([`--${flag}=${text}`])[key]).toBe(true);
      });

      test.each(["0", "f", "F", "FALSE", "false", "False"])("%s is false", (text) => {
        expect(settings([`--${flag}=${text}`])[key]).toBe(false);
      });

      test("anything else stops the start", () => {
        expect(refused([`--${flag}=yes`])).toBe(`--${flag}: "yes" is neither true nor false.`);
        if (env) expect(refused([], { [env]: "on" })).toBe(`${env}: "on" is neither true nor false.`);
      });
    } else {
      test("a flag without its value stops the start", () => {
        expect(refused([`--${flag}`])).toContain(`--${flag} needs a value`);
        expect(refused([`--${flag}`, "--demo"])).toContain(`--${flag} needs a value`);
      });
    }
  },
);

test("the key of a server has no flag, since a command line is seen by everybody", () => {
  expect(settings([], { NOMAD_MCP_KEY: "nmcp_x" }).accessKey).toBe("nmcp_x");
  for (const argv of [["--key", "nmcp_x"], ["--key=nmcp_x"]]) {
    expect(refused(argv)).toBe(
      "--key is no flag, since everybody on this machine can read what stands on a command line: set NOMAD_MCP_KEY.",
    );
  }
});

test("a placeholder in a flag leaves the environment's value", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts leave over
  expect(settings(["--token=${user_config.token}"], { NOMAD_TOKEN: "real" }).token).toBe("real");
});

describe("addresses", () => {
  test.each([
    ["http://127.0.0.1:4646", "http://127.0.0.1:4646"],
    ["https://nomad.example/", "https://nomad.example"],
    ["HTTPS://Nomad.Example:443", "https://nomad.example"],
    ["https://proxy.example/nomad/", "https://proxy.example/nomad"],
    ["http://[::1]:4646", "http://[::1]:4646"],
    ["  http://nomad.test  ", "http://nomad.test"],
  ])("%s", (given, taken) => {
    expect(readAddress(settings([], { NOMAD_ADDR: given }).address).base).toBe(taken);
  });

  test.each([
    ["127.0.0.1:4646", "http://"],
    ["localhost:4646", "http://"],
    ["nomad.example", "http://"],
    ["ftp://nomad.example", "http://"],
    ["unix://run/nomad.sock", "whole path"],
    ["http://", "not an address"],
    ["http://nomad.example:port", "not an address"],
    ["http://nomad.example/?token=x", "must end"],
    ["http://nomad.example/#ui", "must end"],
  ])("%s stops the start, with the cure", (given, cure) => {
    const message = refused([], { NOMAD_ADDR: given });
    expect(message).toContain("NOMAD_ADDR");
    expect(message).toContain(cure);
    expect(message).not.toContain("\n");
  });

  test.each([
    "http://user:hunter2@nomad.example/?x",
    "user:hunter2@nomad.example",
    "http://user:hunter2/x@nomad.example",
  ])("%s: its password is not shown", (given) => {
    expect(refused([], { NOMAD_ADDR: given })).not.toContain("hunter2");
  });
});

describe("what stops the start", () => {
  test("a token that no header can hold, which is not shown", () => {
    for (const token of ["abc\ndef", "abc def", "töken"]) {
      const message = refused([], { NOMAD_TOKEN: token });
      expect(message).toContain("NOMAD_TOKEN");
      expect(message).not.toContain(token);
    }
  });

  test("a namespace that is none", () => {
    expect(refused([], { NOMAD_NAMESPACE: "a/b" })).toContain("NOMAD_NAMESPACE");
    expect(settings([], { NOMAD_NAMESPACE: "*" }).namespace).toBe("*");
  });

  test("half a client certificate", () => {
    expect(refused([], { NOMAD_CLIENT_CERT: "/a.pem" })).toContain("belong together");
  });

  test("a misspelt variable of our own: a session thought to be read-only would not be", () => {
    expect(refused([], { NOMAD_MCP_READONLY: "true" })).toMatch(/NOMAD_MCP_READONLY.*NOMAD_MCP_READ_ONLY/);
  });

  test("but none of those that Nomad gives to tasks", () => {
    const inTask = { NOMAD_ALLOC_ID: "x", NOMAD_PORT_http: "1", NOMAD_META_x: "y", NOMAD_CLI_NO_COLOR: "1" };
    expect(settings([], inTask).address).toBe("http://127.0.0.1:4646");
  });
});

describe("the command line", () => {
  test("flags may stand anywhere; the rest is the command's", () => {
    const { settings: read, rest } = readSettings(
      ["--read-only", "call", "get_job_status", "job_id=web", "--namespace", "prod", "--json", '{"a":1}'],
      {},
    );
    expect(read).toMatchObject({ readOnly: true, clusters: [{ readOnly: true, namespace: "prod" }] });
    expect(rest).toEqual(["call", "get_job_status", "job_id=web", "--json", '{"a":1}']);
  });

  test("after -- nothing is a flag", () => {
    const { settings: read, rest } = readSettings(["call", "x", "--", "--demo"], {});
    expect(read.demo).toBe(false);
    expect(rest).toEqual(["call", "x", "--", "--demo"]);
  });

  test("an unknown flag is left for the program to refuse", () => {
    expect(readSettings(["--adress=http://x"], {}).rest).toEqual(["--adress=http://x"]);
  });
});

test("a setting that is a path is known as one, so that what is relative is made whole for a host", () => {
  const told = settingsTable.filter(({ kind, help }) => kind === "text" && /\b([Ff]ile|Directory)\b/.test(help));
  expect(settingsTable.filter(({ path }) => path !== undefined)).toEqual(told.filter(({ key }) => key !== "cluster"));
});
