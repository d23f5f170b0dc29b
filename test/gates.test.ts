import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { Refusal } from "../src/api/errors/refusal.ts";
import { allocations } from "../src/endpoints/allocations.ts";
import { jobs } from "../src/endpoints/jobs.ts";
import { NomadClient } from "../src/nomad-client.ts";
import { toolsets } from "../src/tools/index.ts";
import { subjects } from "./gates/subjects.ts";
import { declared } from "./support/declared.ts";
import { demoSession } from "./support/demo-session.ts";
import { openSession } from "./support/session.ts";
import { shards } from "./support/shards.ts";

// What holds of the gates as a whole; gates/held.ts holds each tool to each of them.

const names = toolsets.flatMap((toolset) => toolset.tools.map((tool) => tool.name));

test("every tool is listed where nothing is set", async () => {
  const session = await openSession({ address: "http://127.0.0.1:9" });
  expect((await session.client.listTools()).tools.map(({ name }) => name)).toEqual(names);
  await session.close();
});

test("a tool with a wrong risk cannot write: the client holds it by the route", async () => {
  const fetch = vi.fn();
  const nomad = new NomadClient({ base: "http://nomad.test", namespace: "default", readOnly: true, fetch });
  const changes = declared.flatMap(([, route]) => (route.does === "acts" ? [{ ...route, does: "acts" as const }] : []));
  expect(changes.length).toBeGreaterThan(10);
  for (const route of changes) {
    const named = [...route.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => [name, "4f2a9c31"]);
    await expect(nomad.write(route, Object.fromEntries(named)), route.path).rejects.toThrow(/read-only/);
  }
  // Nomad takes this for an action of job web, which opens a shell.
  await expect(nomad.get(jobs.get, { job_id: "web/action" })).rejects.toThrow(Refusal);
  // @ts-expect-error What acts is no read, whatever its method.
  await expect(nomad.get(allocations.restart, { allocation_id: "4f2a9c31" })).rejects.toThrow(/read-only/);
  expect(fetch).not.toHaveBeenCalled();
});

test("a name that is none stops the start and says the nearest", async () => {
  const [first = ""] = names;
  const wrong = `${first}s`;
  await expect(openSession({ address: "http://127.0.0.1:9", enabledTools: [wrong] })).rejects.toThrow(
    `NOMAD_MCP_ENABLED_TOOLS: there is no tool "${wrong}". The nearest is ${first}.`,
  );
});

test.each([
  ["needs", "test"],
  ["gates", "test"],
  ["fuzz/arguments", "hard"],
])("every shard of %s is run", (meta, kind) => {
  const files = readdirSync(join(import.meta.dirname, meta)).filter((file) => file.endsWith(`.${kind}.ts`));
  expect(files.toSorted()).toEqual(Array.from({ length: shards }, (_, index) => `${index + 1}.${kind}.ts`));
});

test.each(subjects.map((subject) => [subject.kind, subject] as const))(
  "somebody else can change each %s that destructive tools are tried on, again and again",
  async (_, subject) => {
    const session = await demoSession();
    try {
      const objects = await subject.prepare(session);
      session.changes();
      for (const candidate of subject.candidates) {
        for (const attempt of [0, 1]) {
          await objects.meddle(await objects.find(candidate, attempt), `${attempt}`);
          expect(session.changes()).toHaveLength(1);
        }
      }
    } finally {
      await session.close();
    }
  },
);
