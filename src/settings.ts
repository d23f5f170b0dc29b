import { parseArgs } from "node:util";
import { readAddress } from "./api/connect-address.ts";
import { Refusal } from "./api/errors.ts";
import { permits } from "./api/namespaces.ts";
import { all } from "./text/words.ts";

/** One setting: where it can be set, in the order in which the places win, and what it means. */
interface Setting {
  readonly key: keyof Settings;
  readonly flag: string;
  readonly env?: string;
  /** `switch`: true or false, as Go's strconv.ParseBool reads it. `list`: names with commas or spaces between them. */
  readonly kind: "text" | "switch" | "list";
  /** The only values of a text, where not every one is taken. */
  readonly values?: readonly string[];
  readonly default?: string;
  /** Never printed. */
  readonly secret?: true;
  readonly help: string;
}

/** The settings of a session, checked. */
export interface Settings {
  /** As it was written: it may hold a user and password. */
  readonly address: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly httpAuth?: string;
  readonly namespace: string;
  readonly region?: string;
  readonly caCert?: string;
  readonly caPath?: string;
  readonly systemCa: boolean;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly skipVerify: boolean;
  readonly readOnly: boolean;
  readonly toolsets?: readonly string[];
  readonly enabledTools?: readonly string[];
  readonly disabledTools?: readonly string[];
  /** The only namespaces that may be touched; every one where it is not set. */
  readonly namespaces?: readonly string[];
  readonly confirm: "host" | "ask";
  readonly auditLog?: string;
  readonly demo: boolean;
}

/**
 * Every setting there is. `NOMAD_*` variables and the flags named after the CLI's mean what they mean to the `nomad`
 * command (api/api.go, DefaultConfig). `--help` and the README's table are made from this.
 */
export const settingsTable: readonly Setting[] = [
  {
    key: "address",
    flag: "address",
    env: "NOMAD_ADDR",
    kind: "text",
    default: "http://127.0.0.1:4646",
    help: "Address of a Nomad agent: http://, https:// or unix:///path.sock; a path in front of the API is kept",
  },
  { key: "token", flag: "token", env: "NOMAD_TOKEN", kind: "text", secret: true, help: "ACL token" },
  {
    key: "tokenFile",
    flag: "token-file",
    env: "NOMAD_MCP_TOKEN_FILE",
    kind: "text",
    help: "File with the ACL token, read again when it changes; NOMAD_TOKEN wins",
  },
  {
    key: "httpAuth",
    flag: "http-auth",
    env: "NOMAD_HTTP_AUTH",
    kind: "text",
    secret: true,
    help: "user:password for HTTP basic authentication in front of Nomad",
  },
  {
    key: "namespace",
    flag: "namespace",
    env: "NOMAD_NAMESPACE",
    kind: "text",
    default: "default",
    help: "Namespace where a call names none",
  },
  { key: "region", flag: "region", env: "NOMAD_REGION", kind: "text", help: "Region; that of the agent where unset" },
  {
    key: "caCert",
    flag: "ca-cert",
    env: "NOMAD_CACERT",
    kind: "text",
    help: "PEM file of the CA that signed Nomad's certificate, in place of the system's",
  },
  {
    key: "caPath",
    flag: "ca-path",
    env: "NOMAD_CAPATH",
    kind: "text",
    help: "Directory of such PEM files; NOMAD_CACERT wins",
  },
  {
    key: "systemCa",
    flag: "system-ca",
    env: "NOMAD_MCP_SYSTEM_CA",
    kind: "switch",
    default: "false",
    help: "Trust the system's CAs too where NOMAD_CACERT or NOMAD_CAPATH is set",
  },
  {
    key: "clientCert",
    flag: "client-cert",
    env: "NOMAD_CLIENT_CERT",
    kind: "text",
    help: "PEM file of the client certificate, for clusters with mutual TLS",
  },
  { key: "clientKey", flag: "client-key", env: "NOMAD_CLIENT_KEY", kind: "text", help: "PEM file of its key" },
  {
    key: "tlsServerName",
    flag: "tls-server-name",
    env: "NOMAD_TLS_SERVER_NAME",
    kind: "text",
    help: "Name that Nomad's certificate is checked against, such as server.global.nomad",
  },
  {
    key: "skipVerify",
    flag: "tls-skip-verify",
    env: "NOMAD_SKIP_VERIFY",
    kind: "switch",
    default: "false",
    help: "Do not check Nomad's certificate. Not for production",
  },
  {
    key: "readOnly",
    flag: "read-only",
    env: "NOMAD_MCP_READ_ONLY",
    kind: "switch",
    default: "false",
    help: "Offer only tools that read, and refuse every change",
  },
  {
    key: "toolsets",
    flag: "toolsets",
    env: "NOMAD_MCP_TOOLSETS",
    kind: "list",
    help: "Offer only the tools of these sets, such as jobs,allocations",
  },
  {
    key: "enabledTools",
    flag: "enabled-tools",
    env: "NOMAD_MCP_ENABLED_TOOLS",
    kind: "list",
    help: "Offer only these tools, together with those of the toolsets that are set",
  },
  {
    key: "disabledTools",
    flag: "disabled-tools",
    env: "NOMAD_MCP_DISABLED_TOOLS",
    kind: "list",
    help: "Do not offer these tools, whatever else offers them",
  },
  {
    key: "namespaces",
    flag: "namespaces",
    env: "NOMAD_MCP_NAMESPACES",
    kind: "list",
    help: "The only namespaces to be touched; * in a call means these",
  },
  {
    key: "confirm",
    flag: "confirm",
    env: "NOMAD_MCP_CONFIRM",
    kind: "text",
    values: ["host", "ask"],
    default: "host",
    help: "Who has a person consent to what is destructive: host (it asks before each call) or ask (this server does)",
  },
  {
    key: "auditLog",
    flag: "audit-log",
    env: "NOMAD_MCP_AUDIT_LOG",
    kind: "text",
    help: "File that gets a JSON line before and after each call that may change something",
  },
  {
    key: "demo",
    flag: "demo",
    kind: "switch",
    default: "false",
    help: "Use an embedded demo cluster in place of a real one",
  },
];

/** What was read, the words of the command line that are no settings, and what the operator should be told. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly rest: readonly string[];
  readonly notices: readonly string[];
}

/**
 * Settings from flags, else the environment, else the defaults. Words from the first one that is no flag on are left in
 * `rest`, except the flags of this table, which may stand anywhere before `--`.
 *
 * @throws Refusal with one line that names the setting and the cure.
 */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ReadSettings {
  const { flags, rest } = readFlags(argv);
  const notices: string[] = [];
  const given = (setting: Setting): { value: string; from: string } | undefined => {
    const places = [
      { value: flags[setting.flag], from: `--${setting.flag}` },
      { value: setting.env && env[setting.env], from: setting.env ?? "" },
    ];
    for (const { value, from } of places) {
      if (value === undefined || value === "") continue;
      // A host that fills in nothing for an optional field passes the field's own name on (reference mcp.md, finding 9).
      if (!/^\$\{[^}]*\}$/.test(value.trim())) return { value: value.trim(), from };
      notices.push(`${from} is a left-over placeholder, taken as not set`);
    }
    return undefined;
  };

  const values: Record<string, string | boolean | readonly string[]> = {};
  for (const setting of settingsTable) {
    const found = given(setting);
    if (found !== undefined) values[setting.key] = read(setting, found.value, found.from);
  }
  // A call that names no namespace must not end outside of those that may be touched.
  const [home] = Array.isArray(values.namespaces) ? values.namespaces : [];
  if (home !== undefined) values.namespace ??= home;
  for (const setting of settingsTable) {
    if (setting.default !== undefined) values[setting.key] ??= read(setting, setting.default, "");
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith("NOMAD_MCP_") && env[name] && !settingsTable.some((setting) => setting.env === name)) {
      const ours = settingsTable.flatMap((setting) => (setting.env?.startsWith("NOMAD_MCP_") ? [setting.env] : []));
      throw new Refusal(`${name} is no setting; there is ${all(ours)}.`);
    }
  }
  const settings = values as unknown as Settings;
  check(settings);
  return { settings, rest, notices };
}

function readFlags(argv: readonly string[]): { flags: Record<string, string | undefined>; rest: string[] } {
  const end = argv.indexOf("--");
  const ours = end < 0 ? argv : argv.slice(0, end);
  const { tokens } = parseArgs({ args: [...ours], strict: false, tokens: true, allowPositionals: true });
  const flags: Record<string, string> = {};
  const used = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const setting = settingsTable.find(({ flag }) => flag === token.name);
    if (setting === undefined) continue;
    used.add(token.index);
    const next = ours[token.index + 1];
    if (setting.kind === "switch") flags[setting.flag] = token.value ?? "true";
    else if (token.value !== undefined) flags[setting.flag] = token.value;
    else if (next !== undefined && !next.startsWith("--")) {
      flags[setting.flag] = next;
      used.add(token.index + 1);
    } else throw new Refusal(`--${setting.flag} needs a value: ${setting.help}.`);
  }
  return { flags, rest: argv.filter((_, index) => !used.has(index)) };
}

function read({ kind, values }: Setting, value: string, from: string): string | boolean | readonly string[] {
  if (kind === "switch") return toSwitch(value, from);
  if (kind === "list") return toList(value, from);
  if (values === undefined || values.includes(value)) return value;
  throw new Refusal(`${from}: ${JSON.stringify(value)} is not ${all(values, "or")}.`);
}

function toList(value: string, from: string): readonly string[] {
  const names = value.split(/[\s,]+/).filter((name) => name !== "");
  if (names.length === 0) throw new Refusal(`${from} names nothing: leave it unset, or name one at least.`);
  return [...new Set(names)];
}

/** As Go's strconv.ParseBool, which the CLI uses. */
function toSwitch(value: string, from: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new Refusal(`${from}: ${JSON.stringify(value)} is neither true nor false.`);
}

function check(settings: Settings): void {
  readAddress(settings.address);
  if (/[^\x20-\x7e]|\s/.test(settings.token ?? "")) {
    throw new Refusal(
      "NOMAD_TOKEN holds characters that no token has (a line break, a space or a letter beyond ASCII).",
    );
  }
  const { namespace, namespaces } = settings;
  if (namespace !== "*") checkNamespace(namespace, "NOMAD_NAMESPACE");
  for (const name of namespaces ?? []) checkNamespace(name, "NOMAD_MCP_NAMESPACES");
  if (namespace !== "*" && !permits(namespaces, namespace)) {
    throw new Refusal(`NOMAD_NAMESPACE: ${namespace} is not among NOMAD_MCP_NAMESPACES (${all(namespaces ?? [])}).`);
  }
  if (Boolean(settings.clientCert) !== Boolean(settings.clientKey)) {
    throw new Refusal("NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY belong together: set both or none.");
  }
}

function checkNamespace(name: string, from: string): void {
  if (/^[a-zA-Z0-9-]{1,128}$/.test(name)) return;
  throw new Refusal(`${from}: ${JSON.stringify(name)} is not a namespace: letters, digits and dashes.`);
}
