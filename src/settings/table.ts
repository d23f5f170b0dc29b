import { networkTable } from "./network-table.ts";
import { reachTable } from "./reach-table.ts";
import type { Setting, SettingKey } from "./types.ts";

/** The key in the settings file, which has none for what only starts the program. */
export function tomlKey({ of, flag }: Setting): string | undefined {
  return of === "start" ? undefined : flag.replaceAll("-", "_");
}

/**
 * Every setting there is. `NOMAD_*` variables and the flags named after the CLI's mean what they mean to the `nomad`
 * command (api/api.go, DefaultConfig). `--help`, the table of docs/settings.md and config.example.toml are made from this.
 */
export const settingsTable: readonly Setting[] = [
  {
    key: "address",
    of: "cluster",
    flag: "address",
    env: "NOMAD_ADDR",
    kind: "text",
    default: "http://127.0.0.1:4646",
    help: "Address of a Nomad agent: http://, https:// or unix:///path.sock; a path in front of the API is kept",
  },
  { key: "token", of: "cluster", flag: "token", env: "NOMAD_TOKEN", kind: "text", secret: true, help: "ACL token" },
  {
    key: "tokenFile",
    of: "cluster",
    flag: "token-file",
    env: "NOMAD_MCP_TOKEN_FILE",
    kind: "text",
    help: "File with the ACL token, read again when it changes; NOMAD_TOKEN wins",
  },
  {
    key: "httpAuth",
    of: "cluster",
    flag: "http-auth",
    env: "NOMAD_HTTP_AUTH",
    kind: "text",
    secret: true,
    help: "user:password for HTTP basic authentication in front of Nomad",
  },
  {
    key: "namespace",
    of: "cluster",
    flag: "namespace",
    env: "NOMAD_NAMESPACE",
    kind: "text",
    default: "default",
    help: "Namespace where a call names none",
  },
  {
    key: "region",
    of: "cluster",
    flag: "region",
    env: "NOMAD_REGION",
    kind: "text",
    help: "Region; that of the agent where unset",
  },
  {
    key: "caCert",
    of: "cluster",
    flag: "ca-cert",
    env: "NOMAD_CACERT",
    kind: "text",
    help: "PEM file of the CA that signed Nomad's certificate, in place of the system's",
  },
  {
    key: "caPath",
    of: "cluster",
    flag: "ca-path",
    env: "NOMAD_CAPATH",
    kind: "text",
    help: "Directory of such PEM files; NOMAD_CACERT wins",
  },
  {
    key: "systemCa",
    of: "cluster",
    flag: "system-ca",
    env: "NOMAD_MCP_SYSTEM_CA",
    kind: "switch",
    default: "false",
    help: "Trust the system's CAs too where NOMAD_CACERT or NOMAD_CAPATH is set",
  },
  {
    key: "clientCert",
    of: "cluster",
    flag: "client-cert",
    env: "NOMAD_CLIENT_CERT",
    kind: "text",
    help: "PEM file of the client certificate, for clusters with mutual TLS",
  },
  {
    key: "clientKey",
    of: "cluster",
    flag: "client-key",
    env: "NOMAD_CLIENT_KEY",
    kind: "text",
    help: "PEM file of its key",
  },
  {
    key: "tlsServerName",
    of: "cluster",
    flag: "tls-server-name",
    env: "NOMAD_TLS_SERVER_NAME",
    kind: "text",
    help: "Name that Nomad's certificate is checked against, such as server.global.nomad",
  },
  {
    key: "skipVerify",
    of: "cluster",
    flag: "tls-skip-verify",
    env: "NOMAD_SKIP_VERIFY",
    kind: "switch",
    default: "false",
    help: "Do not check Nomad's certificate. Not for production",
  },
  {
    key: "readOnly",
    of: "both",
    flag: "read-only",
    env: "NOMAD_MCP_READ_ONLY",
    kind: "switch",
    default: "false",
    restricts: true,
    help: "Offer only tools that read, and refuse every change",
  },
  {
    key: "toolsets",
    of: "session",
    flag: "toolsets",
    env: "NOMAD_MCP_TOOLSETS",
    kind: "list",
    restricts: true,
    help: "Offer only the tools of these sets, such as jobs,allocations; default are those of an operator's day, all every one",
  },
  {
    key: "enabledTools",
    of: "session",
    flag: "enabled-tools",
    env: "NOMAD_MCP_ENABLED_TOOLS",
    kind: "list",
    restricts: true,
    help: "Offer only these tools, together with those of the toolsets that are set",
  },
  {
    key: "disabledTools",
    of: "session",
    flag: "disabled-tools",
    env: "NOMAD_MCP_DISABLED_TOOLS",
    kind: "list",
    restricts: true,
    help: "Do not offer these tools, whatever else offers them",
  },
  {
    key: "namespaces",
    of: "both",
    flag: "namespaces",
    env: "NOMAD_MCP_NAMESPACES",
    kind: "list",
    restricts: true,
    help: "The only namespaces to be touched; * in a call means these",
  },
  {
    key: "confirm",
    of: "session",
    flag: "confirm",
    env: "NOMAD_MCP_CONFIRM",
    kind: "text",
    values: ["host", "ask"],
    default: "host",
    restricts: true,
    help: "Who has a person consent to what is destructive: host (it asks before each call) or ask (this server does)",
  },
  {
    key: "auditLog",
    of: "session",
    flag: "audit-log",
    env: "NOMAD_MCP_AUDIT_LOG",
    kind: "text",
    restricts: true,
    help: "File that gets a JSON line before and after each call that may change something; - for stdout (serve only)",
  },
  {
    key: "audit",
    of: "session",
    flag: "audit",
    env: "NOMAD_MCP_AUDIT",
    kind: "text",
    values: ["changes", "all"],
    default: "changes",
    restricts: true,
    help: "Calls that leave a trace there: those that may change something (changes), or all",
  },
  {
    key: "cluster",
    of: "session",
    flag: "cluster",
    env: "NOMAD_MCP_CLUSTER",
    kind: "text",
    help: "Cluster where a call names none, of those in the settings file; its first one where unset",
  },
  ...reachTable,
  {
    key: "config",
    of: "start",
    flag: "config",
    env: "NOMAD_MCP_CONFIG",
    kind: "text",
    restricts: true,
    help: "Settings file (TOML); where unset, nomad-mcp/config.toml in the usual place of the platform, if it is there",
  },
  {
    key: "demo",
    of: "start",
    flag: "demo",
    kind: "switch",
    default: "false",
    help: "Use an embedded demo cluster in place of a real one",
  },
  ...networkTable,
];

/** The setting of a key. */
export function settingOf(key: SettingKey): Setting {
  const found = settingsTable.find((setting) => setting.key === key);
  if (found === undefined) throw new Error(`${key} is no setting`);
  return found;
}
