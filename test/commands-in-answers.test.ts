import { describe, expect, test } from "vitest";
import { toolsets } from "../src/tools/index.ts";
import { replaceable, sources, standsFor, toolsFor } from "./support/commands.ts";

// A chat has nobody who runs a command: where a tool does what a `nomad` command does, an answer names the tool. Each answer of
// each test is held to that (support/session.ts); here, what the source would say.

const known = toolsets.flatMap(({ tools }) => tools.map(({ name }) => name));

test("the table names tools that there are", () => {
  expect(Object.keys(standsFor).filter((name) => !known.includes(name))).toEqual([]);
});

test("a command is known with what stands behind it", () => {
  expect(toolsFor("node status -verbose")).toEqual(expect.arrayContaining(["get_node_status"]));
  expect(replaceable("Next: nomad job start web", () => true)).toEqual(["nomad job start web: start_job is offered"]);
  expect(replaceable("Next: nomad job start web", () => false)).toEqual([]);
  expect(replaceable("  | FATAL: run nomad job start web", () => true)).toEqual([]);
  expect(replaceable("`nomad operator snapshot save` writes one", () => true)).toEqual([]);
});

describe("src", () => {
  /** `ifOffered("tool", "with it", "else")`: what is told where the tool is not offered. */
  const otherwise = /ifOffered\(\s*"\w+",\s*(?:`[^`]*`|"[^"]*"|\w+),\s*(?:`[^`]*`|"[^"]*"),?\s*\)/g;
  const ours = sources().filter(({ name }) => /^(api|endpoints|nomad|tools|mcp|prompts|resources)\//.test(name));

  test.each(ours)("$name: no text names a command that a tool stands for", ({ text }) => {
    expect(replaceable(text.replaceAll(otherwise, ""), (tool) => known.includes(tool))).toEqual([]);
  });

  test.each(ours)("$name: no step is such a command alone", ({ text }) => {
    const alone = [...text.matchAll(/\bcommand\(\w[^,]*, "([a-z][a-z -]*)"/g)].map(([, words = ""]) => words);
    expect(alone.filter((words) => toolsFor(words).some((tool) => known.includes(tool)))).toEqual([]);
  });
});
