import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** The package as `npm pack` makes it of the program in dist/, in a folder: the path of its file. */
export function packed(folder: string): string {
  const words = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const stdout = execFileSync("npm", words, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  const [{ filename }]: [{ filename: string }] = JSON.parse(stdout);
  return join(folder, filename);
}

/** A package registry on loopback that has the package and nothing else. */
export async function startRegistry(file: string): Promise<{ url: string; asked: string[]; stop(): Promise<void> }> {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { name, version } = manifest;
  const asked: string[] = [];
  const server: Server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const { port } = server.address() as AddressInfo;
    if (url === `/${name}/-/${name}.tgz`) return response.end(readFileSync(file));
    if (url !== `/${name}`) return response.writeHead(404).end("{}");
    const dist = { tarball: `http://127.0.0.1:${port}/${name}/-/${name}.tgz` };
    response.setHeader("content-type", "application/json");
    return response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
