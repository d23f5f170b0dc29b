import { describe, expect, test } from "vitest";
import { hosts } from "../../src/setup/hosts.ts";

const windows = { APPDATA: "C:\\Users\\Anna\\AppData\\Roaming", USERPROFILE: "C:\\Users\\Anna" };

/** Where each host has its file, by platform. On a Mac, Windows and Linux the paths are those of the hosts' manuals. */
const places: readonly [NodeJS.Platform, Record<string, string>, Record<string, string>][] = [
  [
    "darwin",
    { HOME: "/Users/anna", XDG_CONFIG_HOME: "/elsewhere" },
    {
      "claude-desktop": "/Users/anna/Library/Application Support/Claude/claude_desktop_config.json",
      "claude-code": "/Users/anna/.claude.json",
      vscode: "/Users/anna/Library/Application Support/Code/User/mcp.json",
      cursor: "/Users/anna/.cursor/mcp.json",
    },
  ],
  [
    "win32",
    windows,
    {
      "claude-desktop": "C:\\Users\\Anna\\AppData\\Roaming\\Claude\\claude_desktop_config.json",
      "claude-code": "C:\\Users\\Anna\\.claude.json",
      vscode: "C:\\Users\\Anna\\AppData\\Roaming\\Code\\User\\mcp.json",
      cursor: "C:\\Users\\Anna\\.cursor\\mcp.json",
    },
  ],
  [
    "linux",
    { HOME: "/home/anna" },
    {
      "claude-desktop": "/home/anna/.config/Claude/claude_desktop_config.json",
      "claude-code": "/home/anna/.claude.json",
      vscode: "/home/anna/.config/Code/User/mcp.json",
      cursor: "/home/anna/.cursor/mcp.json",
    },
  ],
  [
    "linux",
    { HOME: "/home/anna", XDG_CONFIG_HOME: "/srv/config", CLAUDE_CONFIG_DIR: "/srv/claude" },
    {
      "claude-desktop": "/srv/config/Claude/claude_desktop_config.json",
      "claude-code": "/srv/claude/.claude.json",
      vscode: "/srv/config/Code/User/mcp.json",
      cursor: "/home/anna/.cursor/mcp.json",
    },
  ],
];

test.each(places)("%s with %j", (platform, env, expected) => {
  const found = Object.entries(hosts).map(([name, host]) => [name, host.file({ platform, env })]);
  expect(Object.fromEntries(found)).toEqual(expected);
});

describe("where the environment does not tell", () => {
  test.each([
    ["win32", "claude-desktop", "APPDATA is not set, so it is not known where the host keeps its file."],
    ["linux", "cursor", "HOME is not set, so it is not known where the host keeps its file."],
  ] as const)("%s, %s", (platform, name, message) => {
    expect(() => hosts[name]?.file({ platform, env: {} })).toThrow(message);
  });
});

test("the address that opens VS Code or Cursor holds the entry", () => {
  const entry = { command: "/n/node", args: ["/p/nomad-mcp.js"], env: { NOMAD_ADDR: "http://x:1" } };
  const code = new URL(hosts.vscode?.link?.("nomad", entry, [{ id: "a" }]) ?? "");
  expect(`${code.protocol}${code.pathname}`).toBe("vscode:mcp/install");
  expect(JSON.parse(decodeURIComponent(code.search.slice(1)))).toEqual({
    ...{ name: "nomad", ...entry },
    inputs: [{ id: "a" }],
  });
  const cursor = new URL(hosts.cursor?.link?.("a&b", entry, []) ?? "");
  expect(`${cursor.protocol}//${cursor.host}${cursor.pathname}`).toBe("cursor://anysphere.cursor-deeplink/mcp/install");
  expect(cursor.searchParams.get("name")).toBe("a&b");
  expect(JSON.parse(Buffer.from(cursor.searchParams.get("config") ?? "", "base64").toString())).toEqual(entry);
});
