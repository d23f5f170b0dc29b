import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { entryFor } from "../../src/setup/entry.ts";
import { hosts, type Machine } from "../../src/setup/hosts.ts";

const linux: Machine = {
  env: { HOME: "/home/anna" },
  platform: "linux",
  folder: "/srv/shop",
  node: "/opt/node/bin/node",
  program: "/opt/lib/node_modules/nomad-mcp/dist/nomad-mcp.js",
};
const clone: Machine = {
  ...linux,
  program: "/srv/nomad-mcp/dist/nomad-mcp.js",
  starter: "/srv/nomad-mcp/bin/run-mcp-server.sh",
};
const windows: Machine = {
  env: { APPDATA: "C:\\Users\\Anna\\AppData\\Roaming", USERPROFILE: "C:\\Users\\Anna" },
  platform: "win32",
  folder: "C:\\work",
  node: "C:\\Program Files\\nodejs\\node.exe",
  program: "C:\\nomad-mcp\\dist\\nomad-mcp.js",
  // The script is there in a clone, and Windows does not run it.
  starter: "C:\\nomad-mcp\\bin\\run-mcp-server.sh",
};
const token = "8f3a1d52-6f0e-4c0b-9d0e-2b7c55e0a911";

function entry(name: string, machine: Machine, argv: string[], env: Record<string, string> = {}) {
  const host = hosts[name];
  if (host === undefined) throw new Error(name);
  return entryFor(host, readSettings(argv, env), { ...machine, env: { ...machine.env, ...env } });
}

describe("what is started", () => {
  test("an installed program: this Node and the program, by their full paths", () => {
    expect(entry("claude-desktop", linux, []).written).toEqual({
      ...{ command: linux.node, args: [linux.program], env: {} },
    });
  });

  test("a clone: its script, but not on Windows", () => {
    expect(entry("claude-desktop", clone, ["--demo"]).written).toMatchObject({
      command: clone.starter,
      args: ["--demo"],
    });
    expect(entry("claude-desktop", windows, []).written).toMatchObject({
      command: windows.node,
      args: [windows.program],
    });
  });

  test.each([
    "/home/anna/.npm/_npx/1a2b/node_modules/nomad-mcp/dist/nomad-mcp.js",
    "C:\\Users\\Anna\\AppData\\Local\\npm-cache\\_npx\\1a2b\\node_modules\\nomad-mcp\\dist\\nomad-mcp.js",
  ])("from npx's cache it is not: %s", (program) => {
    expect(() => entry("claude-code", { ...linux, program }, [])).toThrow(
      "This runs from npx's cache, which npm may empty at any time: install the program (npm install -g nomad-mcp) and run nomad-mcp setup again.",
    );
  });
});

describe("the settings in force", () => {
  test("flags and variables are variables, files by their full paths, proxies too", () => {
    const env = { NOMAD_ADDR: "https://a:4646", NOMAD_MCP_TOKEN_FILE: "~/token", HTTPS_PROXY: "http://proxy:3128" };
    expect(
      entry("claude-code", linux, ["--ca-cert", "ca.pem", "--read-only", "--namespaces=a,b"], env).written.env,
    ).toEqual({
      NOMAD_ADDR: "https://a:4646",
      NOMAD_MCP_TOKEN_FILE: "/home/anna/token",
      NOMAD_CACERT: "/srv/shop/ca.pem",
      NOMAD_MCP_READ_ONLY: "true",
      NOMAD_MCP_NAMESPACES: "a,b",
      HTTPS_PROXY: "http://proxy:3128",
    });
    expect(entry("vscode", windows, ["--ca-cert", "tls\\ca.pem"]).written.env).toEqual({
      NOMAD_CACERT: "C:\\work\\tls\\ca.pem",
    });
  });

  test("a settings file is named, and what stands in it is not repeated", () => {
    const settingsFile = {
      ...{ path: "/home/anna/.config/nomad-mcp/config.toml", clusters: [], notices: [] },
      section: () => undefined,
      place: () => "",
      at: (_: readonly string[], { key }: { key: string }) =>
        key === "region"
          ? { value: "eu", from: "/home/anna/.config/nomad-mcp/config.toml", name: () => "region" }
          : undefined,
    };
    const host = hosts["claude-desktop"];
    const read = readSettings([], { NOMAD_NAMESPACE: "shop" }, settingsFile);
    expect(read.settings.clusters[0].region).toBe("eu");
    expect(host && entryFor(host, read, linux).written.env).toEqual({
      NOMAD_NAMESPACE: "shop",
      NOMAD_MCP_CONFIG: settingsFile.path,
    });
  });

  test("of a bridge only how its server is reached; of a server on the network nothing", () => {
    const env = {
      ...{ NOMAD_ADDR: "https://a:4646", NOMAD_MCP_LISTEN: "127.0.0.1:1", NOMAD_MCP_SERVER: "https://team/mcp" },
      ...{ NOMAD_MCP_KEY_FILE: "key" },
    };
    expect(entry("cursor", linux, [], env).written.env).toEqual({
      ...{ NOMAD_MCP_SERVER: "https://team/mcp", NOMAD_MCP_KEY_FILE: "/srv/shop/key" },
    });
    expect(entry("cursor", linux, ["--demo"], env).written.env).toEqual({ NOMAD_ADDR: "https://a:4646" });
  });
});

describe("secrets", () => {
  const env = { NOMAD_TOKEN: token, NOMAD_ADDR: "https://user:word@a:4646" };

  test.each(["claude-desktop", "cursor"])("%s: in the file, and not shown", (name) => {
    const { shown, written, secrets, inputs } = entry(name, linux, [], env);
    expect(written.env).toEqual(env);
    expect(shown.env).toEqual({ NOMAD_TOKEN: `\${NOMAD_TOKEN}`, NOMAD_ADDR: `\${NOMAD_ADDR}` });
    expect(secrets).toEqual(["NOMAD_ADDR", "NOMAD_TOKEN"]);
    expect(inputs).toEqual([]);
  });

  test("Claude Code: from the shell", () => {
    expect(entry("claude-code", linux, [], env).written.env).toEqual({});
  });

  test("VS Code: it asks", () => {
    const { written, inputs } = entry("vscode", linux, [], { NOMAD_TOKEN: token });
    expect(written.env).toEqual({ NOMAD_TOKEN: `\${input:nomad-token}` });
    expect(inputs).toEqual([
      { type: "promptString", id: "nomad-token", description: "NOMAD_TOKEN of nomad-mcp", password: true },
    ]);
  });
});
