import type { AllocRunner } from "../client/alloc-runner.ts";
import { type Entry, filesOf } from "../client/files.ts";
import { HttpError } from "../errors.ts";
import { goTime } from "../gotime.ts";
import type { Call, Reply } from "../http.ts";
import type { Allocation } from "../state/types.ts";

/** /v1/client/fs/(ls|stat|cat|readat)/:id */
export function files(alloc: Allocation, runner: AllocRunner | undefined, action: string, call: Call): Reply {
  if (!runner) throw new HttpError(404, `Unknown allocation "${alloc.ID}"`);
  const path = call.query.get("path") ?? "";
  const at = () => found(alloc, filesOf(runner, alloc.CreateTime), path, action);
  if (action === "ls") return { json: listed(alloc, at(), path) };
  if (action === "stat") return { json: { ...told(at()), ContentType: contentType(at()) } };
  if (path === "" || path === "/") throw new HttpError(400, "must provide a file name");
  try {
    return { type: "text/plain; charset=utf-8", ...contents(path, at(), action, call) };
  } catch (error) {
    // Nomad has sent its headers by then: the words stand where the file would.
    if (error instanceof HttpError) return { text: error.message };
    throw error;
  }
}

const root = ({ ID }: Allocation) => `/opt/nomad/data/alloc/${ID}`;

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new HttpError(500, "Path escapes the alloc directory");
  }
  return parts;
}

function found(alloc: Allocation, top: Entry, path: string, action: string): Entry {
  let entry = top;
  const parts = partsOf(path);
  for (const part of parts) {
    const next = entry.entries?.find(({ name }) => name === part);
    if (next === undefined) {
      const verb = action === "ls" ? "open" : "stat";
      throw new HttpError(404, `${verb} ${[root(alloc), ...parts].join("/")}: no such file or directory`);
    }
    entry = next;
  }
  return parts.length === 0 ? { ...top, name: alloc.ID } : entry;
}

function listed(alloc: Allocation, { entries }: Entry, path: string): unknown {
  if (entries !== undefined) return entries.length > 0 ? entries.map(told) : [];
  throw new HttpError(500, `open ${root(alloc)}/${partsOf(path).join("/")}: not a directory`);
}

function told({ name, changed, entries, bytes }: Entry) {
  const IsDir = entries !== undefined;
  return {
    FileMode: IsDir ? "drwxrwxrwx" : "-rw-r--r--",
    IsDir,
    ModTime: goTime(changed),
    Name: name,
    Size: IsDir ? 4096 : bytes().length,
  };
}

/** As Go sniffs it, of what the demo has: text, or something else. */
function contentType({ bytes }: Entry): string {
  const start = bytes().subarray(0, 512);
  return start.length === 0 || start.includes(0) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

function contents(path: string, { name, entries, bytes }: Entry, action: string, { query }: Call): Reply {
  const folder = partsOf(path)[1];
  if (folder === "secrets" || folder === "private")
    throw new HttpError(200, `Reading ${folder === "secrets" ? "secret" : "private"} file prohibited: ${path}`);
  if (entries !== undefined) throw new HttpError(200, `read ${name}: is a directory`);
  const all = bytes();
  const from = action === "cat" ? 0 : whole(query.get("offset"), "offset");
  const limit = action === "cat" ? 0 : whole(query.get("limit") ?? "0", "limit");
  const part = all.subarray(from, limit > 0 ? from + limit : undefined);
  return { stream: async (write) => write(part) };
}

function whole(text: string | null, what: string): number {
  if (text !== null && /^[+-]?\d+$/.test(text)) return Number(text);
  throw new HttpError(
    200,
    `error parsing ${what}: strconv.ParseInt: parsing ${JSON.stringify(text ?? "")}: invalid syntax`,
  );
}
