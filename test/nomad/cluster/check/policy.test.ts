import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AclPolicy, AclRules } from "../../../../src/endpoints/acl.ts";
import { readNeed, wordsOf } from "../../../../src/nomad/cluster/check/needs.ts";
import { needsToRead, policyOf } from "../../../../src/nomad/cluster/check/policy.ts";
import { rightsOf } from "../../../../src/nomad/cluster/check/rights.ts";
import { toolsets } from "../../../../src/tools/index.ts";
import { needsOf } from "../../../support/raw/needs.ts";
import { type Exchange, recorded } from "../../../support/recorded-state.ts";

/** The rules of the tokens with which requests were recorded, by the first word of the file's name. */
const tokens: Readonly<Record<string, AclRules>> = {
  reader: recorded<AclPolicy>("acl/policy-read.json").body.RulesJSON ?? {},
  lister: { Namespaces: [{ Name: "default", Capabilities: ["list-jobs"] }] },
  nodes: { Node: { Policy: "read" } },
};
const names = readdirSync(new URL("../../../recorded/acl", import.meta.url));
const exchanges = names
  .map((name) => ({ name, exchange: recorded<unknown>(`acl/${name}`), rules: tokens[name.split("-")[0] ?? ""] }))
  .flatMap(({ name, exchange, rules }) => (rules === undefined ? [] : [{ name, exchange, rules }]));

function needed({ request }: Exchange): string[] {
  const { pathname } = new URL(request.path, "http://nomad");
  return (needsOf(request.method, pathname) ?? []).flatMap(wordsOf);
}

describe("what was refused in the recorded exchanges", () => {
  test("there are enough of them", () => {
    expect(exchanges.length).toBeGreaterThan(15);
  });

  test.each(exchanges)("$name: told from the rules of its token", ({ name, exchange, rules }) => {
    const { searchParams } = new URL(exchange.request.path, "http://nomad");
    // Objects that are asked for by id are where they are, whatever the query says: the hidden ones are in prod.
    const namespace = name.includes("hidden") ? "prod" : (searchParams.get("namespace") ?? "default");
    const rights = rightsOf([rules]);
    const may = needed(exchange).every((word) => rights.may(readNeed(word), namespace));
    expect(may).toBe(exchange.status === 200);
  });

  test("is granted by the policies of docs/rights.md, where a tool asks for it", () => {
    const rights = readFileSync(new URL("../../../../docs/rights.md", import.meta.url), "utf8");
    for (const { tools } of toolsets) {
      const policy = policyOf(tools, "default");
      expect(rights).toContain(policy);
      for (const { exchange } of exchanges) {
        for (const word of needed(exchange)) {
          if (!tools.some(({ needs = [] }) => needs.includes(word))) continue;
          const [capability = "", level] = word.split("|")[0]?.split(":") ?? [];
          expect(policy).toContain(level === undefined ? `"${capability}"` : `${capability} {`);
        }
      }
    }
  });
});

test("a tool that reads is not given what changes things", () => {
  for (const { tools } of toolsets) {
    const reading = tools.filter((tool) => tool.risk === "read" && needsToRead(tool));
    expect(policyOf(reading, "shop")).not.toMatch(/submit-|alloc-lifecycle|dispatch|scale-job|write/);
  }
});

test("nothing is needed: nothing is granted", () => {
  expect(policyOf([{ name: "any", needs: [] }], "default")).toBe("");
});
