import { type ParseError, parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import type { HostEntry } from "../../src/setup/entry.ts";
import { type Host, hosts } from "../../src/setup/hosts.ts";
import { masked } from "../../src/setup/masked.ts";
import { merged } from "../../src/setup/merge.ts";

const desktop = hosts["claude-desktop"] as Host;
const code = hosts.vscode as Host;

function entryOf(env: Record<string, string>, inputs: HostEntry["inputs"] = []): HostEntry {
  const entry = { command: "/n/node", args: ["/p/nomad-mcp.js"], env };
  return { shown: entry, written: entry, inputs, secrets: ["NOMAD_TOKEN"] };
}
const merge = (before: string, entry: HostEntry, host = desktop) =>
  merged(before, "/x/config.json", host, "nomad", entry);

test.each(["", "\n", "{}", "\uFEFF{}"])("a file that holds nothing: %j", (before) => {
  const after = merge(before, entryOf({ NOMAD_ADDR: "http://a:1" }));
  expect(after.startsWith("\uFEFF")).toBe(before.startsWith("\uFEFF"));
  expect(JSON.parse(after.replace("\uFEFF", ""))).toEqual({
    mcpServers: { nomad: { command: "/n/node", args: ["/p/nomad-mcp.js"], env: { NOMAD_ADDR: "http://a:1" } } },
  });
});

test("comments, order, indentation and the others stay as they are", () => {
  const before = `{
    // what I use
    "theme": "dark",
    "mcpServers": {
        /* keep */ "github": { "command": "gh", "env": { "T": "x" } }, // by hand
    },
    "last": 1
}
`;
  expect(merge(before, entryOf({ NOMAD_ADDR: "http://a:1" }))).toMatchInlineSnapshot(`
    "{
        // what I use
        "theme": "dark",
        "mcpServers": {
            /* keep */ "github": { "command": "gh", "env": { "T": "x" } }, // by hand
            "nomad": {
                "command": "/n/node",
                "args": [
                    "/p/nomad-mcp.js"
                ],
                "env": {
                    "NOMAD_ADDR": "http://a:1"
                }
            },
        },
        "last": 1
    }
    "
  `);
});

test("line ends stay: no line of a file of Windows ends otherwise", () => {
  const before = '{\r\n\t"mcpServers": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n';
  const after = merge(before, entryOf({ NOMAD_ADDR: "http://a:1" }));
  expect(after.replaceAll("\r\n", "")).not.toContain("\n");
  expect(after).toContain('\r\n\t\t"nomad": {\r\n\t\t\t"command"');
});

describe("an entry that is there", () => {
  const present = `{ "mcpServers": { "nomad": {
  "command": "/old/node", "args": ["/old.js", "--demo"], // moved
  "timeout": 60,
  "env": {
    "NOMAD_MCP_READ_ONLY": "true", // mine
    "NOMAD_ADDR": "http://old:1",
    "NOMAD_MCP_SERVER": "https://team/mcp"
  }
} } }`;

  test("what somebody added stays, most of all what narrows; where the server is, is replaced", () => {
    expect(merge(present, entryOf({ NOMAD_ADDR: "http://a:1", NOMAD_TOKEN: "t" }))).toMatchInlineSnapshot(`
      "{ "mcpServers": { "nomad": {
        "command": "/n/node", "args": [
          "/p/nomad-mcp.js"
        ], // moved
        "timeout": 60,
        "env": {
          "NOMAD_MCP_READ_ONLY": "true", // mine
          "NOMAD_ADDR": "http://a:1",
          "NOMAD_MCP_SERVER": "",
          "NOMAD_TOKEN": "t"
        }
      } } }"
    `);
  });

  test("that is so already is not touched", () => {
    const after = merge(present, entryOf({ NOMAD_ADDR: "http://a:1" }));
    expect(merge(after, entryOf({ NOMAD_ADDR: "http://a:1" }))).toBe(after);
  });

  test("of a server on the network gives way as a whole", () => {
    const before = '{"mcpServers": {"nomad": {"type": "http", "url": "https://team/mcp", "headers": {"A": "b"}}}}';
    expect(JSON.parse(merge(before, entryOf({}))).mcpServers.nomad).toEqual({
      ...{ command: "/n/node", args: ["/p/nomad-mcp.js"] },
    });
  });
});

test("what a host asks for is added once", () => {
  const input = { type: "promptString", id: "nomad-token", description: "x", password: true } as const;
  const entry = entryOf({ NOMAD_TOKEN: `\${input:nomad-token}` }, [input]);
  const before = '{\n  "inputs": [\n    { "id": "other" } // theirs\n  ],\n  "servers": {}\n}\n';
  const after = merge(before, entry, code);
  expect(after).toContain("// theirs");
  const parsed: { inputs: { id: string }[] } = JSON.parse(after.replace("// theirs", ""));
  expect(parsed.inputs.map(({ id }) => id)).toEqual(["other", "nomad-token"]);
  expect(merge(after, entry, code)).toBe(after);
});

test.each([
  ["{", "/x/config.json:1: this is no JSON object, so nothing was changed."],
  ['{\n  "a": 1,\n  nope\n}', "/x/config.json:3: this is no JSON object"],
  ["[]", "/x/config.json:1: this is no JSON object"],
  ['{"mcpServers": []}', "/x/config.json: mcpServers is no object, so nothing was changed."],
])("%j is refused", (before, message) => {
  expect(() => merge(before, entryOf({}))).toThrow(message);
});

test("what is shown of a file holds no text that is another's, and none that may be secret", () => {
  const text = `{
  "oauth": { "token": "abc-secret", "scopes": ["s1-secret"] },
  "mcpServers": {
    "github": { "command": "gh-secret", "args": ["--key=secret"], "env": { "T": "x-secret" }, "port": 7 },
    "nomad": {
      "command": "/n/node",
      "args": ["/p/nomad-mcp.js", "--token", "a-secret", "--http-auth=u:secret", "--read-only"],
      "env": {
        "NOMAD_ADDR": "http://a:1", "NOMAD_TOKEN": "t-secret", "NOMAD_HTTP_AUTH": "u:secret",
        "HTTPS_PROXY": "http://u:secret@proxy", "NOMAD_MCP_SERVER": "https://u:secret@team/mcp", "MINE": "m-secret"
      }
    }
  }
}`;
  const shown = masked(text, desktop, "nomad", []);
  expect(shown).not.toContain("secret");
  const own: { args: string[]; env: object } = JSON.parse(shown).mcpServers.nomad;
  expect(own.args).toEqual(["/p/nomad-mcp.js", "--token", "...", "...", "--read-only"]);
  expect(own.env).toMatchObject({ NOMAD_ADDR: "http://a:1", MINE: "..." });
  expect(masked(text, desktop, "nomad", ["NOMAD_ADDR"])).not.toContain("http://a:1");
});

test.each([
  '{"mcpServers":{}}',
  '{"mcpServers":{"a":{}}}',
  '{"mcpServers":{"a":{},}}',
  '{ "mcpServers": { "a": {} /* , */ /* x */, // y, z\n } }',
  '{ "mcpServers": { "a": {} // b, c\n // d, e\n } }',
  '{ "mcpServers": { // nothing, yet\n } }',
  "{ // a\n // b\n}",
  '{ "mcpServers": { "nomad": { "command": "x" } }, }',
  '{ "mcpServers": { "nomad": { "command": "x", "env": {} } } }',
])("laid out as %j: what is read is what was there and the entry, and no comment is lost", (before) => {
  const after = merge(before, entryOf({ NOMAD_ADDR: "http://a:1" }));
  const errors: ParseError[] = [];
  const root: Record<string, unknown> = parse(after, errors, { allowTrailingComma: true });
  expect(errors).toEqual([]);
  const own = { nomad: { command: "/n/node", args: ["/p/nomad-mcp.js"], env: { NOMAD_ADDR: "http://a:1" } } };
  expect(root).toEqual({ mcpServers: { ...(before.includes('"a"') && { a: {} }), ...own } });
  const comments = (text: string) => text.match(/\/\/.*|\/\*.*?\*\//g) ?? [];
  expect(comments(after.replace("http://", ""))).toEqual(comments(before));
});
