import { describe, expect, test } from "vitest";
import { type Gates, offer } from "../../src/mcp/gates.ts";
import { Refused } from "../../src/mcp/refused.ts";
import type { AnyTool, Call, Risk, Toolset } from "../../src/mcp/tool.ts";
import { answer } from "../../src/text/answer.ts";

const tool = (name: string, risk: Risk): AnyTool<Call> => ({
  ...{ name, risk, title: name, description: name, input: {} },
  run: async () => answer(name),
});

const toolsets: readonly Toolset<Call>[] = [
  {
    name: "jobs",
    description: "Jobs.",
    tools: [tool("list_jobs", "read"), tool("start_job", "write"), tool("stop_job", "destructive")],
  },
  { name: "nodes", description: "Nodes.", tools: [tool("list_nodes", "read"), tool("drain_node", "destructive")] },
  { name: "exec", description: "Exec.", optIn: true, tools: [tool("exec", "destructive")] },
];

const names = {
  readOnly: "READ_ONLY",
  toolsets: "TOOLSETS",
  enabledTools: "ENABLED_TOOLS",
  disabledTools: "DISABLED_TOOLS",
};

const offered = (gates: Partial<Gates>) => offer(toolsets, { readOnly: false, ...gates }, names);
const listed = (gates: Partial<Gates>) => [...offered(gates).tools.keys()];

/** What stops the start. */
function fault(gates: Partial<Gates>): string {
  try {
    offered(gates);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  throw new Error("it did start");
}

describe("what is offered", () => {
  test.each<[string, Partial<Gates>, string[]]>([
    ["everything", {}, ["list_jobs", "start_job", "stop_job", "list_nodes", "drain_node"]],
    ["the default by its name", { toolsets: ["default"], readOnly: true }, ["list_jobs", "list_nodes"]],
    [
      "the default, and a set that has to be asked for",
      { toolsets: ["default", "exec"] },
      ["list_jobs", "start_job", "stop_job", "list_nodes", "drain_node", "exec"],
    ],
    ["every set", { toolsets: ["all"] }, ["list_jobs", "start_job", "stop_job", "list_nodes", "drain_node", "exec"]],
    ["a tool of a set that has to be asked for", { enabledTools: ["exec"] }, ["exec"]],
    ["what reads", { readOnly: true }, ["list_jobs", "list_nodes"]],
    ["a toolset", { toolsets: ["nodes"] }, ["list_nodes", "drain_node"]],
    ["tools by name", { enabledTools: ["stop_job", "list_jobs"] }, ["list_jobs", "stop_job"]],
    [
      "a toolset and a tool",
      { toolsets: ["nodes"], enabledTools: ["list_jobs"] },
      ["list_jobs", "list_nodes", "drain_node"],
    ],
    ["all but one", { disabledTools: ["drain_node"] }, ["list_jobs", "start_job", "stop_job", "list_nodes"]],
    [
      "disabled wins over enabled",
      { enabledTools: ["list_jobs", "stop_job"], disabledTools: ["stop_job"] },
      ["list_jobs"],
    ],
    ["read-only wins over enabled", { readOnly: true, enabledTools: ["list_jobs", "stop_job"] }, ["list_jobs"]],
  ])("%s", (_, gates, expected) => {
    expect(listed(gates)).toEqual(expected);
  });
});

describe("what stops the start", () => {
  test.each<[Partial<Gates>, string]>([
    [{ toolsets: ["job"] }, 'TOOLSETS: there is no toolset "job". The nearest is jobs.'],
    [
      { toolsets: ["volumes"] },
      'TOOLSETS: there is no toolset "volumes". There are jobs, nodes, exec, default and all.',
    ],
    [{ toolsets: ["stop_job"] }, 'TOOLSETS: "stop_job" is a tool, not a toolset; ENABLED_TOOLS takes tools.'],
    [{ enabledTools: ["Stop-Job"] }, 'ENABLED_TOOLS: there is no tool "Stop-Job". The nearest is stop_job.'],
    [{ enabledTools: ["nodes"] }, 'ENABLED_TOOLS: "nodes" is a toolset, not a tool; TOOLSETS takes toolsets.'],
    [{ disabledTools: ["drainnode"] }, 'DISABLED_TOOLS: there is no tool "drainnode". The nearest is drain_node.'],
    [
      { toolsets: ["__proto__"] },
      'TOOLSETS: there is no toolset "__proto__". There are jobs, nodes, exec, default and all.',
    ],
    [
      { readOnly: true, enabledTools: ["stop_job"] },
      "READ_ONLY and ENABLED_TOOLS together leave no tool to offer: allow at least one.",
    ],
    [{ toolsets: [] }, "TOOLSETS leaves no tool to offer: allow at least one."],
  ])("%j", (gates, sentence) => {
    expect(fault(gates)).toBe(sentence);
  });

  test("a name of a megabyte is not repeated whole", () => {
    expect(fault({ enabledTools: ["x".repeat(1_000_000)] }).length).toBeLessThan(250);
  });
});

describe("the call of a hidden tool", () => {
  test("one of a set that has to be asked for", () => {
    expect(refusal({}, "exec")).toMatchInlineSnapshot(
      `"exec is not offered: its toolset has to be asked for: TOOLSETS=default,exec offers it. Whoever runs this server can change that and start it again."`,
    );
  });

  const refusal = (gates: Partial<Gates>, name: string) => offered(gates).refusal(name).message;

  test("read-only", () => {
    expect(refusal({ readOnly: true }, "stop_job")).toMatchInlineSnapshot(
      `"stop_job is not offered: it changes the cluster, and this server is read-only: READ_ONLY=false allows it. Whoever runs this server can change that and start it again."`,
    );
  });

  test("every setting that hides it is named", () => {
    const gates = { readOnly: true, toolsets: ["nodes"], disabledTools: ["stop_job"] };
    expect(refusal(gates, "stop_job")).toMatchInlineSnapshot(
      `"stop_job is not offered: it changes the cluster, and this server is read-only: READ_ONLY=false allows it; and DISABLED_TOOLS names it: take it out there; and it is not among the tools that were chosen: add jobs to TOOLSETS or stop_job to ENABLED_TOOLS. Whoever runs this server can change that and start it again."`,
    );
  });

  test("not among the enabled ones", () => {
    expect(refusal({ enabledTools: ["list_jobs"] }, "list_nodes")).toMatchInlineSnapshot(
      `"list_nodes is not offered: it is not among the tools that were chosen: add list_nodes to ENABLED_TOOLS. Whoever runs this server can change that and start it again."`,
    );
  });

  test("one that does not exist", () => {
    expect(refusal({}, "stop_jobs")).toMatchInlineSnapshot(
      `"There is no tool "stop_jobs". The nearest is stop_job. Offered: list_jobs, start_job, stop_job, list_nodes and drain_node."`,
    );
    expect(refusal({ readOnly: true }, "shell")).toMatchInlineSnapshot(
      `"There is no tool "shell". Offered: list_jobs and list_nodes."`,
    );
  });

  test("a hidden tool is never named as the nearest", () => {
    expect(refusal({ readOnly: true }, "stop_jobs")).not.toContain("nearest is stop_job");
  });

  test.each(["constructor", "__proto__", "x".repeat(1_000_000)])("%.20s", (name) => {
    expect(refusal({}, name)).toContain("There is no tool");
    expect(refusal({}, name).length).toBeLessThan(300);
  });
});
