import type { Setting } from "./types.ts";

/** The settings with which `bridge` and `check` reach a nomad-mcp server. Those of a cluster are about Nomad alone. */
export const reachTable: readonly Setting[] = [
  {
    key: "accessKeyFile",
    of: "start",
    flag: "key-file",
    env: "NOMAD_MCP_KEY_FILE",
    kind: "text",
    help: "bridge, check: file with the key for the nomad-mcp server, read again when it changes; NOMAD_MCP_KEY wins",
  },
  {
    key: "accessKey",
    of: "start",
    flag: "key",
    noFlag: true,
    env: "NOMAD_MCP_KEY",
    kind: "text",
    secret: true,
    help: "bridge, check: the key itself; there is no flag for it, since everybody on a machine can read command lines",
  },
  {
    key: "serverCa",
    of: "start",
    flag: "server-ca",
    env: "NOMAD_MCP_SERVER_CA",
    kind: "text",
    help: "bridge, check: PEM file of the CA that signed the nomad-mcp server's certificate, in place of the system's",
  },
  {
    key: "serverClientCert",
    of: "start",
    flag: "server-client-cert",
    env: "NOMAD_MCP_SERVER_CLIENT_CERT",
    kind: "text",
    help: "bridge, check: PEM file of the client certificate, for nomad-mcp servers with mutual TLS",
  },
  {
    key: "serverClientKey",
    of: "start",
    flag: "server-client-key",
    env: "NOMAD_MCP_SERVER_CLIENT_KEY",
    kind: "text",
    help: "bridge, check: PEM file of its key",
  },
  {
    key: "allowHttp",
    of: "start",
    flag: "allow-http",
    env: "NOMAD_MCP_ALLOW_HTTP",
    kind: "switch",
    default: "false",
    help: "bridge, check: take an http:// address of another machine, to which key and answers go in clear",
  },
];
