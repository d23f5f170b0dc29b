import { withoutSecrets } from "../../api/connect/address.ts";
import { isLoopback } from "../../api/connect/loopback.ts";
import { Refusal } from "../../api/errors/refusal.ts";

/** Where a nomad-mcp server is. */
export interface ServerAddress {
  /** Where messages are posted: `https://host/mcp`. */
  readonly url: string;
  /** What its other routes stand below: `https://host`. */
  readonly root: string;
}

/**
 * Reads the address of a server as an operator writes it. `allowHttp`: the setting that lets `http:` leave this machine, and
 * whether it does.
 *
 * @throws Refusal with one line that says what to write.
 */
export function readServerAddress(
  text: string,
  allowHttp: { readonly name: string; readonly set: boolean },
): ServerAddress {
  const shown = JSON.stringify(withoutSecrets(text));
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new Refusal(`${shown} is not the address of a server, such as https://nomad-mcp.example.com/mcp.`);
  }
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Refusal(
      `${shown} holds more than host, port and path: the key does not stand in the address, set NOMAD_MCP_KEY_FILE or NOMAD_MCP_KEY.`,
    );
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowHttp.set) {
    throw new Refusal(
      `${shown} would send the key and every answer in clear, so nothing was sent: write https://, or set ${allowHttp.name}=true where the network in between is trusted.`,
    );
  }
  const path = url.pathname.replace(/\/+$/, "");
  return { url: `${url.origin}${path}`, root: `${url.origin}${path.replace(/\/mcp(\/sse)?$/, "")}` };
}
