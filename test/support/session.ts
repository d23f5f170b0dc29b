import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Codes } from "../../src/mcp/consent-codes.ts";
import { createSession, type Session } from "../../src/session.ts";
import { settingsTable } from "../../src/settings/table.ts";
import type { ClusterSettings, SessionSettings, Settings } from "../../src/settings/types.ts";
import { openStart } from "../../src/start.ts";
import { replaceable } from "./commands.ts";
import { copyOf } from "./library.ts";

/** What a tool answered, as a host gets it. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
}

/** The server as a host sees it: a real MCP client, connected over memory. */
export interface TestSession {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
}

/** What the person at the host says to a question. */
export type Person = (question: string) => "accept" | "decline" | "cancel";

/** Settings of a session and of its cluster, as far as they differ from the usual ones. */
export type SomeSettings = Partial<Omit<ClusterSettings, "name" | "settingName"> & SessionSettings> & {
  /** The table `[library]` of the settings file; job files of every kind where it is not said, none where it is null. */
  readonly library?: object | null;
};

let copied: string | undefined;

/** The folder of the library of sessions that name none: a copy of job files of every kind, one a process. */
export function libraryFolder(): string {
  copied ??= copyOf(join(import.meta.dirname, "../job-files"), "job-files");
  return copied;
}

/** Opens a session against the Nomad at `address`; the host can ask a person where there is one. `warn`: gets the log. */
export async function openSession(
  settings: SomeSettings & { readonly address: string },
  person?: Person,
  { warn = () => {}, codes }: { readonly warn?: (line: string) => void; readonly codes?: Codes } = {},
): Promise<TestSession> {
  const start = await openStart(settingsWith(settings), warn);
  const session = await hosted(createSession(start, { warn, ...(codes && { codes }) }), person);
  const chosen = settings.toolsets ?? settings.enabledTools ?? settings.disabledTools ?? settings.readOnly;
  return chosen ? session : heldToTools(session);
}

/** Holds every answer of a session that offers all tools to naming them, where it would name a command that they stand for. */
function heldToTools(session: TestSession): TestSession {
  return {
    ...session,
    async call(name, args) {
      const answer = await session.call(name, args);
      const commands = replaceable(answer.text, () => true);
      if (commands.length > 0) throw new Error(`${name} sends to a command: ${commands.join("; ")}\n${answer.text}`);
      return answer;
    },
  };
}

/** The usual settings with these. Every tool is offered where they do not choose. */
export function settingsWith({
  library = { folders: [libraryFolder()], write: "on" },
  ...settings
}: SomeSettings & { readonly address: string }): Settings {
  const usual = { namespace: "default", skipVerify: false, systemCa: false, readOnly: false };
  const settingName = (key: string) => settingsTable.find((setting) => setting.key === key)?.env ?? key;
  return {
    ...{ confirm: "host", audit: "changes", showVariables: false, demo: false, readOnly: false, settingName },
    ...(settings.enabledTools === undefined && { toolsets: ["all"] }),
    ...settings,
    ...(library && {
      library: { section: library, place: (keys: readonly string[]) => `config.toml ${keys.join(".")}` },
    }),
    clusters: [{ ...usual, ...settings, name: "default", settingName }],
  };
}

/** A host that is connected to a session. */
export async function hosted(session: Session, person?: Person): Promise<TestSession> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client(
    { name: "test", version: "0" },
    { capabilities: person ? { elicitation: { form: {} } } : {} },
  );
  if (person) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      const action = person(params.message);
      return { action, ...(action === "accept" && { content: { confirm: true } }) };
    });
  }
  await Promise.all([session.newServer().connect(theirs), client.connect(ours)]);
  return {
    client,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args });
      const blocks = Array.isArray(result.content) ? result.content : [];
      const text = blocks.map((block: { text?: string }) => block.text ?? "").join("\n");
      return { text, isError: result.isError === true };
    },
    async close() {
      await client.close();
      await session.release();
    },
  };
}
