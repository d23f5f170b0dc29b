// What the image asks of itself: whether `nomad-mcp serve` takes calls, where NOMAD_MCP_LISTEN has it listen. Exit status 0 if so.
// A server over stdio, which listens nowhere, is as well as its process. The argument is the number of that: 1 where there is none.

const { readFileSync } = require("node:fs");

const serves = () => {
  try {
    return readFileSync(`/proc/${process.argv[2] || 1}/cmdline`, "utf8")
      .split("\0")
      .includes("serve");
  } catch {
    return true;
  }
};

const ask = (tls) => {
  const listen = process.env.NOMAD_MCP_LISTEN || "127.0.0.1:8000";
  const [, host, port] = /^(.*):(\d+)$/.exec(listen) || [];
  // To itself it goes by loopback, where it listens on all addresses; for that name no certificate is made.
  const own = /^(0\.0\.0\.0|\[::\]|\*)?$/.test(host || "") ? "127.0.0.1" : host.replace(/^\[|\]$/g, "");
  const to = listen.startsWith("unix://") ? { socketPath: listen.slice(7) } : { host: own, port };
  const { get } = require(tls ? "node:https" : "node:http");
  return get({ ...to, path: "/readyz", timeout: 2_500, rejectUnauthorized: false }, (response) => {
    process.exit(response.statusCode === 200 ? 0 : 1);
  });
};

if (!serves()) process.exit(0);
ask(Boolean(process.env.NOMAD_MCP_TLS_CERT))
  // With client certificates asked for, being asked for one is as far as this comes.
  .on("error", ({ code }) => process.exit(code === "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" ? 0 : 1))
  .on("timeout", () => process.exit(1));
