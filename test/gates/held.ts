import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createCodes } from "../../src/mcp/consent-codes.ts";
import { toolsets } from "../../src/tools/index.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { acts } from "../support/raw/reach.ts";
import { sampleArguments } from "../support/sample-arguments.ts";
import { openSession, type Person, type SomeSettings, type TestSession } from "../support/session.ts";
import { shardOf } from "../support/shards.ts";
import { socketTo } from "../support/socket-to.ts";
import { onUpgrade } from "../support/upgrades.ts";
import { anyObject, type Found, type Objects, type Subject, subjectOf } from "./subjects.ts";

// Every tool against every gate, through tools/call. Nothing here names a tool: one that is added later is held, too.

const every = toolsets.flatMap((toolset) => toolset.tools.map((tool) => [tool.name, tool, toolset.name] as const));

/** Nothing listens on the discard port. */
const nowhere = "http://127.0.0.1:9";
let open: DemoSession | undefined;
let definitions: readonly Tool[];

async function gated(...session: Parameters<typeof demoSession>): Promise<DemoSession> {
  open = await demoSession(...session);
  return open;
}

function listed(name: string): Tool {
  const tool = definitions.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`${name} is not listed`);
  return tool;
}

/** Arguments for a call of `name` about a job, or about something else that there is. */
function argumentsFor(name: string, jobId: string): Record<string, unknown> {
  return about(name, anyObject(jobId));
}

function about(name: string, args: Found["args"]): Record<string, unknown> {
  return sampleArguments(listed(name), { ...args, wait_seconds: 0 });
}

async function offered(session: TestSession): Promise<string[]> {
  return (await session.client.listTools()).tools.map(({ name }) => name);
}

/** Holds the tools of a shard to every gate. */
export function holdGates(shard: number): void {
  const named = shardOf(every, shard);
  const changing = named.filter(([, { risk }]) => risk !== "read");
  const destructive = named.filter(([, { risk }]) => risk === "destructive");

  beforeAll(async () => {
    const session = await openSession({ address: nowhere });
    definitions = (await session.client.listTools()).tools;
    await session.close();
  });
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  describe("read-only", () => {
    let session: DemoSession;
    beforeAll(async () => {
      session = await demoSession({ readOnly: true });
    });
    afterAll(() => session.close());

    test.each(changing)("%s is not listed and, called all the same, refused with what would allow it", async (name) => {
      expect(await offered(session)).not.toContain(name);
      session.changes();
      const { text, isError } = await session.call(name, argumentsFor(name, "web"));
      expect(isError).toBe(true);
      expect(text).toMatch(/ is not offered: .*NOMAD_MCP_READ_ONLY=false allows it/);
      expect(session.changes()).toEqual([]);
    });
  });

  describe("the choice of tools", () => {
    /** Of no cluster: which tools there are is settled before one is asked. */
    async function chosen(settings: SomeSettings): Promise<TestSession> {
      const session = await openSession({ ...settings, address: nowhere });
      onTestFinished(() => session.close());
      return session;
    }

    test.each(named)("%s: disabled_tools hides it alone, and names itself as the cure", async (name) => {
      const session = await chosen({ disabledTools: [name] });
      expect(await offered(session)).toEqual(every.map(([each]) => each).filter((each) => each !== name));
      const { text, isError } = await session.call(name, argumentsFor(name, "web"));
      expect(isError).toBe(true);
      expect(text).toContain("NOMAD_MCP_DISABLED_TOOLS names it");
    });

    test.each(named)("%s: enabled_tools offers it alone", async (name) => {
      expect(await offered(await chosen({ enabledTools: [name] }))).toEqual([name]);
    });

    test.each(named)("%s: is offered with its toolset, and not with another one", async (name, _, toolset) => {
      const others = toolsets.map((each) => each.name).filter((each) => each !== toolset);
      expect(await offered(await chosen({ toolsets: [toolset] }))).toContain(name);
      const session = await chosen({ toolsets: others });
      expect(await offered(session)).not.toContain(name);
      expect((await session.call(name, {})).text).toContain(`add ${toolset} to NOMAD_MCP_TOOLSETS`);
    });
  });

  describe("namespaces", () => {
    let session: DemoSession;
    const sent: URL[] = [];
    beforeAll(async () => {
      session = await demoSession({ namespaces: ["prod"], namespace: "prod" });
      const { fetch } = globalThis;
      // What an earlier file of this process left under way goes to another cluster.
      const keep = (url: URL) => {
        if (url.host === new URL(session.demo.address).host) sent.push(url);
      };
      vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
        keep(new URL(input instanceof Request ? input.url : input));
        return fetch(input, init);
      });
      onUpgrade(async (url) => void keep(url));
    });
    afterAll(async () => {
      vi.restoreAllMocks();
      await session.close();
    });

    test.each(named)("%s touches no other one, whatever the call says", async (name) => {
      session.changes();
      for (const namespace of ["default", "*", undefined]) {
        sent.length = 0;
        await session.call(name, { ...argumentsFor(name, "web"), ...(namespace && { namespace }) });
        const others = sent.filter(({ searchParams }) => searchParams.get("namespace") !== "prod");
        expect(others.map(({ pathname, search }) => pathname + search)).toEqual([]);
      }
    });
  });

  describe("consent that this server asks for", () => {
    /** A session on a cluster that has what the tool is about. */
    async function withSubject(
      name: string,
      person?: Person,
    ): Promise<{ session: DemoSession; subject: Subject; objects: Objects }> {
      const session = await gated({ confirm: "ask" }, person);
      const subject = subjectOf(listed(name));
      const objects = await subject.prepare(session);
      session.changes();
      return { session, subject, objects };
    }

    test.each(destructive)("%s has a preview", (_, tool) => {
      expect(tool.preview).toBeTypeOf("function");
    });

    test.each(destructive)(
      "%s acts only with the code of the call before, once, on whichever replica, or on that which gave it",
      async (name, { traceless = false }) => {
        const { session, subject, objects } = await withSubject(name);
        const key = randomBytes(32);
        // As on Nomad: they share a key, and each reaches the cluster by a socket of its own.
        const replica = async (address: string) => {
          const codes = createCodes({ keys: () => [key] });
          const opened = await openSession({ confirm: "ask", address }, undefined, { codes });
          onTestFinished(() => opened.close());
          return opened;
        };
        const address = await socketTo(session.demo.address);
        const [one, other] = [await replica(address), await replica(await socketTo(session.demo.address))];
        for (const candidate of subject.candidates) {
          const found = await objects.find(candidate, 0);
          const args = about(name, found.args);
          const { text: question } = await one.call(name, args);
          expect(session.changes()).toEqual([]);
          const code = /confirm=([a-z2-9]+)/.exec(question)?.[1];
          if (code === undefined) continue;
          expect(question).toContain(`  ${subject.kind}: ${found.name}`);
          if (subject.inNamespace) expect(question).toContain("  namespace: default");
          expect(question).toContain(`  cluster: ${address}`);

          const wrong = await one.call(name, { ...args, confirm: "a".repeat(code.length) });
          expect(wrong).toMatchObject({ isError: true });
          expect(session.changes()).toEqual([]);

          if (traceless) {
            const { text } = await other.call(name, { ...args, confirm: code });
            expect(text).toMatch(/^That code holds only with the replica of this server that gave it, .*confirm=/s);
            expect(session.changes()).toEqual([]);
          }
          await (traceless ? one : other).call(name, { ...args, confirm: code });
          if (session.changes().length === 0) continue;
          // A client tells the servers of a restart in less than that.
          await session.clock.advance(1_000);
          for (const server of [one, other]) {
            const { text, isError } = await server.call(name, { ...args, confirm: code });
            expect(isError, text).toBe(true);
            expect(session.changes()).toEqual([]);
          }
          return;
        }
        throw new Error(`no ${subject.kind} that ${name} changes`);
      },
    );

    test.each(destructive)("%s asks a person through the host that can, and heeds a no", async (name) => {
      const asked: string[] = [];
      const { session, subject, objects } = await withSubject(name, (question) => {
        asked.push(question);
        return "decline";
      });
      for (const candidate of subject.candidates) {
        const found = await objects.find(candidate, 0);
        const { text, isError } = await session.call(name, about(name, found.args));
        expect(isError).toBe(true);
        expect(session.changes()).toEqual([]);
        if (asked.length === 0) continue;
        expect(asked.join("\n")).toContain(`  ${subject.kind}: ${found.name}`);
        expect(text).toContain("The person said no.");
        return;
      }
      throw new Error(`no ${subject.kind} about which ${name} asks`);
    });

    /** What changes have that Nomad compares before it carries them out: in their body, or behind it in the query. */
    const compares = /"(EnforceIndex|EnforcePriorVersion|JobModifyIndex)":|[?&]cas=/;

    test.each(destructive)(
      "%s changes nothing where what the person saw changes before the change is sent",
      { timeout: 60_000 },
      async (name) => {
        let atYes = () => {};
        const { session, subject, objects } = await withSubject(name, () => {
          asked = true;
          atYes();
          return "accept";
        });
        const { fetch } = globalThis;
        let asked = false;
        if (subject.outside) {
          const found = await objects.find(subject.candidates[0] ?? "", 0);
          atYes = () => void objects.meddle(found, "at the yes");
          const { text, isError } = await session.call(name, about(name, found.args));
          expect(isError, text).toBe(true);
          expect(text).toContain("Nothing was changed");
          return;
        }
        /** Requests since the person said yes, and whether the last of them is a change. */
        let seen = 0;
        let body: string | undefined;
        let meanwhile: (request: number, changes: boolean) => Promise<void> = async () => {};
        vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
          const { pathname, search } = new URL(input instanceof Request ? input.url : input);
          const changes = acts(init?.method ?? "GET", pathname);
          if (asked) {
            if (changes) body ??= `${init?.body ?? ""}${search}`;
            await meanwhile(seen++, changes);
          }
          return await fetch(input, init);
        });
        onUpgrade(async ({ search }) => {
          if (!asked) return undefined;
          body ??= search;
          await meanwhile(seen++, true);
          return undefined;
        });
        const meddle = async (found: Found, at: string) => {
          await objects.meddle(found, at);
          session.changes();
        };
        let attempts = 0;
        const attempt = async (candidate: string, at: number | "change") => {
          asked = false;
          const found = await objects.find(candidate, attempts++);
          seen = 0;
          body = undefined;
          let meddled = false;
          meanwhile = async (request, changes) => {
            const now = at === "change" ? changes : request === at;
            if (meddled || !now || (changes && at !== "change")) return;
            meddled = true;
            await meddle(found, `${at}`);
          };
          const { text, isError } = await session.call(name, about(name, found.args));
          return { found, meddled, text, isError, sent: session.changes() };
        };
        try {
          for (const candidate of subject.candidates) {
            let tries = 0;
            let last: Found;
            for (;;) {
              const { found, meddled, text, isError, sent } = await attempt(candidate, tries);
              last = found;
              if (!meddled) break;
              expect(isError, text).toBe(true);
              if (sent.length > 0) expect(body).toMatch(compares);
              tries++;
            }
            if (tries === 0 || body === undefined) continue;
            // Where Nomad compares, a change between the last look and the change itself is refused, too.
            if (!compares.test(body)) return;
            await meddle(last, "again");
            expect(await attempt(candidate, "change")).toMatchObject({ meddled: true, isError: true });
            return;
          }
          throw new Error(`no ${subject.kind} that ${name} changes`);
        } finally {
          vi.restoreAllMocks();
        }
      },
    );
  });

  describe("audit", () => {
    let directory: string;
    let auditLog: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), "nomad-mcp-audit-"));
      auditLog = join(directory, "audit.log");
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    const lines = () =>
      readFileSync(auditLog, "utf8")
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));

    test.each(named)("%s leaves its trace if it may change something, else none", async (name, { risk }) => {
      const session = await gated({ auditLog });
      await session.register(mockJob("gated"));
      await session.call(name, argumentsFor(name, "gated"));
      if (risk === "read") return expect(lines()).toEqual([]);
      expect(lines()).toMatchObject([
        { phase: "intent", tool: name, cluster: session.demo.address, host: { name: "test", version: "0" } },
        { phase: "outcome", tool: name, outcome: expect.stringMatching(/^(ok|error|refused)$/) },
      ]);
    });

    test.each(changing)("%s sends nothing where its trace cannot be written", async (name) => {
      const session = await gated({ auditLog });
      rmSync(directory, { recursive: true });
      session.changes();
      const { text, isError } = await session.call(name, argumentsFor(name, "web"));
      expect(isError).toBe(true);
      expect(text).toContain("Nothing was sent to Nomad: the audit log cannot be written");
      expect(session.changes()).toEqual([]);
    });
  });
}
