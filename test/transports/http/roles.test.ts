import { describe, expect, test } from "vitest";
import { toolsets } from "../../../src/tools/index.ts";
import { type NetworkServer, team, told } from "../../support/network-server.ts";

// The server of this test has no library.
const every = toolsets
  .filter(({ name }) => name !== "library")
  .flatMap(({ name: toolset, optIn = false, tools }) =>
    tools.map(({ name, risk }) => ({ name, risk, toolset, usual: !optIn })),
  );

/** Roles, and what each of them offers of all the tools. */
const roles: Readonly<Record<string, { readonly toml: string; has(tool: (typeof every)[number]): boolean }>> = {
  all: { toml: "", has: ({ usual }) => usual },
  viewer: { toml: "read_only = true", has: ({ risk, usual }) => usual && risk === "read" },
  jobs: { toml: 'toolsets = ["jobs"]', has: ({ toolset }) => toolset === "jobs" },
  restarter: {
    toml: 'enabled_tools = ["restart_job", "get_job_status"]',
    has: ({ name }) => /^(restart_job|get_job_status)$/.test(name),
  },
  careful: { toml: 'disabled_tools = ["stop_job"]', has: ({ name, usual }) => usual && name !== "stop_job" },
};
const settings = Object.entries(roles)
  .map(([name, { toml }]) => `[roles.${name}]\n${toml}\n`)
  .join("");
const people = Object.fromEntries(Object.keys(roles).map((name) => [`p-${name}`, name]));

/** Calls a tool without arguments by REST: the status, and what was said. */
async function rest({ ask }: NetworkServer, who: string, tool: string) {
  const headers = { "content-type": "application/json" };
  const response = await ask(`/api/v1/tools/${tool}`, { who, method: "POST", headers, body: "{}" });
  return { status: response.status, body: (await response.json()) as { readonly detail?: string } };
}

describe.each(Object.entries(roles))("role %s", (role, { has }) => {
  const who = `p-${role}`;

  test("MCP, REST and the OpenAPI document name the same tools, and each hidden one is refused by name in both", async () => {
    const { start, client, demo } = await team({ settings, people });
    const server = await start();
    const mcp = await client(who, server);
    const offered = every.filter(has).map(({ name }) => name);
    expect((await mcp.listTools()).tools.map(({ name }) => name).sort()).toEqual([...offered].sort());
    const document = (await (await server.ask("/openapi.json", { who })).json()) as { readonly paths: object };
    const named = Object.keys(document.paths).flatMap((path) => /^\/api\/v1\/tools\/(.+)$/.exec(path)?.[1] ?? []);
    expect(named.sort()).toEqual([...offered].sort());
    const asked = demo.requests.length;
    for (const { name } of every.filter((tool) => !has(tool))) {
      const said = `${name} is not offered: your role ${role} does not have it. Whoever runs this server can change that.`;
      expect(await told(mcp, name)).toBe(said);
      expect(await rest(server, who, name)).toMatchObject({ status: 403, body: { detail: said } });
    }
    expect(demo.requests.length).toBe(asked);
    const logged = server.log.filter((line) => line.includes(`403 for POST /api/v1/tools/`) && line.includes(who));
    expect(logged.length).toBe(every.length - offered.length);
  });

  test("resources and prompts are those of its tools", async () => {
    const { start, client, demo } = await team({ settings, people });
    const mcp = await client(who, await start());
    const nodes = (await (await fetch(`${demo.address}/v1/nodes`)).json()) as readonly { readonly Name: string }[];
    const { resourceTemplates } = await mcp.listResourceTemplates();
    const readable = resourceTemplates.some(({ uriTemplate }) => uriTemplate.includes("/nodes/"));
    expect(readable).toBe(every.some((tool) => tool.name === "get_node_status" && has(tool)));
    const read = mcp.readResource({ uri: `nomad://default/nodes/${nodes[0]?.Name}` });
    if (readable) expect((await read).contents.length).toBe(1);
    else await expect(read).rejects.toThrow("There is no resource");
  });
});

test("values of variables: shown where the server does, and only to a role that says so", async () => {
  const { start, client } = await team({
    settings: "show_variables = true\n[roles.full]\nshow_variables = true\n[roles.narrow]\n",
    people: { anna: "full", ben: "narrow" },
  });
  const server = await start();
  const [anna, ben] = [await client("anna", server), await client("ben", server)];
  const path = "nomad/jobs/web";
  expect(await told(anna, "get_variable", { path })).toContain("made-up-0815");
  const hidden = await told(ben, "get_variable", { path });
  expect(hidden).not.toContain("made-up-0815");
  expect(hidden).toContain("Values are not shown: your role narrow decides that");
});

test("two people at once see nothing of each other: no secret that one has read is masked, and so confirmed, for the other", async () => {
  const { start, client, demo } = await team({ people: { anna: "", ben: "" } });
  const server = await start();
  const [anna, ben] = [await client("anna", server), await client("ben", server)];
  const secret = "hX7pQ2vN9tR4kL8mZ3wB";
  const task = { Name: "t", Driver: "mock_driver", Config: { run_for: "1h" }, Env: { DB_PASSWORD: secret } };
  const job = { ID: "safe", Type: "service", Datacenters: ["*"], TaskGroups: [{ Name: "g", Count: 0, Tasks: [task] }] };
  await fetch(`${demo.address}/v1/jobs`, { method: "POST", body: JSON.stringify({ Job: job }) });
  const [read] = await Promise.all([told(anna, "get_job_spec", { job_id: "safe" }), told(ben, "list_nomad_jobs")]);
  expect(read).not.toContain(secret);
  // Whatever a caller names is echoed: were it masked, a guess would be confirmed.
  expect(await told(ben, "get_job_status", { job_id: secret })).toContain(secret);
  expect(await told(anna, "get_job_status", { job_id: secret })).not.toContain(secret);
});
