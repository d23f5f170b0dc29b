import { Refusal } from "../api/errors/refusal.ts";
import { isObject } from "../mcp/fault.ts";
import type { HostEntry } from "./entry.ts";
import type { Host } from "./hosts.ts";
import { rootOf, valueAt, withValue } from "./jsonc.ts";

/**
 * The text of a host's file with the entry in it, its comments, order and line ends kept. Of an entry that is there already what
 * somebody added stays (a variable, a timeout), but for where the server is.
 *
 * @throws Refusal where the file is not what the host would read.
 */
export function merged(before: string, path: string, host: Host, name: string, { written, inputs }: HostEntry): string {
  const [mark] = /^\uFEFF?/.exec(before) ?? [""];
  let text = before.slice(mark.length).trim() === "" ? "{}\n" : before.slice(mark.length);
  const parsed = rootOf(text);
  if ("wrong" in parsed) {
    throw new Refusal(
      `${path}:${parsed.wrong}: this is no JSON object, so nothing was changed. Correct the file, or move it away.`,
    );
  }
  const servers = valueAt(text, [host.servers]);
  if (servers !== undefined && !isObject(servers)) {
    throw new Refusal(`${path}: ${host.servers} is no object, so nothing was changed.`);
  }
  const set = (keys: readonly (string | number)[], value: unknown) => {
    const same = JSON.stringify(valueAt(text, [...keys])) === JSON.stringify(value);
    if (!same) text = withValue(text, [...keys], value);
  };
  const { args, env, ...rest } = written;
  const at = [host.servers, name];
  const present = valueAt(text, at);
  if (isObject(present) && typeof present.command === "string") {
    for (const [key, value] of Object.entries(rest)) set([...at, key], value);
    if (args.length > 0 || present.args !== undefined) set([...at, "args"], args);
    const held = isObject(present.env) ? present.env : {};
    // Left over from before, it would win over everything else.
    const empty = held.NOMAD_MCP_SERVER === undefined ? {} : { NOMAD_MCP_SERVER: "" };
    for (const [key, value] of Object.entries({ ...empty, ...env })) set([...at, "env", key], value);
  } else {
    set(at, { ...rest, ...(args.length > 0 && { args }), ...(Object.keys(env).length > 0 && { env }) });
  }
  const asked = valueAt(text, ["inputs"]);
  const ids = Array.isArray(asked) ? asked.map((input: unknown) => Object(input).id) : [];
  const missing = inputs.filter(({ id }) => !ids.includes(id));
  for (const [index, input] of missing.entries()) set(["inputs", ids.length + index], input);
  return `${mark}${text}`;
}
