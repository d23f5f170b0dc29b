import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AclRules } from "../../../../src/endpoints/acl.ts";
import { closest, fits } from "../../../../src/nomad/cluster/check/glob.ts";
import { readNeed, wordsOf } from "../../../../src/nomad/cluster/check/needs.ts";
import { rightsOf } from "../../../../src/nomad/cluster/check/rights.ts";
import { needsOf } from "../../../support/raw/needs.ts";

/** What a real Nomad (2.0.6-dev) let through and refused, by token, and the rules of its policies as Nomad had read them. */
interface Probed {
  readonly policies: readonly AclRules[];
  readonly answers: readonly (readonly [method: string, path: string, namespace: string, answer: string])[];
}

const file = new URL("./probes.json", import.meta.url);
const probed: Readonly<Record<string, Probed>> = JSON.parse(readFileSync(file, "utf8"));

describe("what policies grant is what Nomad let through", () => {
  test.each(Object.entries(probed))("%s", (_, { policies, answers }) => {
    const rights = rightsOf(policies);
    const told = answers.map(([method, path, namespace]) => {
      const needs = needsOf(method, path) ?? [];
      expect(needs.length, `${method} ${path}`).toBeGreaterThan(0);
      const allowed = needs.every((need) => rights.may(need, namespace));
      return [method, path, namespace, allowed ? "allowed" : "refused"];
    });
    expect(told).toEqual(answers);
  });
});

describe("patterns", () => {
  test.each([
    ["*", "default", true],
    ["*", "", true],
    ["prod", "prod", true],
    ["prod", "prod-a", false],
    ["prod-*", "prod-a", true],
    ["*-prod", "prod", false],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["aa*aa", "aaa", false],
    ["a*a", "a", false],
  ])("%s and %s: %s", (pattern, name, expected) => {
    expect(fits(pattern, name)).toBe(expected);
  });

  test("the name itself, else the closest pattern", () => {
    expect(closest(["*", "prod-*", "prod-api"], "prod-api")).toBe("prod-api");
    expect(closest(["*", "prod-*", "prod-a*"], "prod-api")).toBe("prod-a*");
    expect(closest(["prod-*"], "default")).toBeUndefined();
  });

  test("a pattern that could be tried for ever is not", () => {
    expect(fits(`${"a*".repeat(60)}b`, "a".repeat(120))).toBe(false);
  });
});

describe("rules", () => {
  const may = (word: string, rules: AclRules | readonly AclRules[], namespace = "default") =>
    rightsOf([rules].flat()).may(readNeed(word), namespace);

  test("deny takes what another policy grants", () => {
    const read = { Namespaces: [{ Name: "default", Capabilities: ["read-job"] }] };
    expect(may("read-job", read)).toBe(true);
    expect(may("read-job", [read, { Namespaces: [{ Name: "default", Capabilities: ["deny"] }] }])).toBe(false);
    expect(may("node:read", [{ Node: { Policy: "write" } }, { Node: { Policy: "deny" } }])).toBe(false);
  });

  test("a higher level has the lower ones", () => {
    expect(may("node:read", { Node: { Policy: "write" } })).toBe(true);
    expect(may("node:write", { Node: { Policy: "read" } })).toBe(false);
    expect(may("plugin:list", { Plugin: { Policy: "read" } })).toBe(true);
  });

  test("variables and node pools: on one of them at least", () => {
    const rules = {
      Namespaces: [
        {
          Name: "prod",
          Capabilities: null,
          Variables: { Paths: [{ PathSpec: "app/*", Capabilities: ["read", "list"] }] },
        },
      ],
      NodePools: [{ Name: "gpu", Capabilities: ["read"] }],
    };
    expect(may("variables:read", rules, "prod")).toBe(true);
    expect(may("variables:read", rules, "default")).toBe(false);
    expect(may("variables:write", rules, "prod")).toBe(false);
    expect(may("node_pool:read", rules)).toBe(true);
  });

  test("no rule at all grants nothing", () => {
    expect(may("read-job", {})).toBe(false);
    expect(may("read-job", {}, "*")).toBe(false);
    expect(may("management", {})).toBe(false);
  });
});

test.each(["read-job", "submit-job|register-job", "variables:read", "node:read", "node_pool:write", "management"])(
  "%s is a word for a need",
  (word) => {
    expect(wordsOf(readNeed(word))).toEqual([word]);
  },
);

test.each(["node:admin", "job:read", "variables:"])("%s is none", (word) => {
  expect(() => readNeed(word)).toThrow("is no need");
});
