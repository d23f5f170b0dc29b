import { dirname } from "node:path";
import { build } from "esbuild";

export const root = dirname(import.meta.dirname);

/** What TypeScript modules of this repository export. `wanted`: names by file. */
export async function fromSource(wanted) {
  const lines = Object.entries(wanted).map(([file, names]) => `export { ${names.join(", ")} } from "./${file}";`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join("\n"), resolveDir: root, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const source = Buffer.from(outputFiles[0].contents).toString("base64");
  return await import(`data:text/javascript;base64,${source}`);
}
