import { setFlagsFromString } from "node:v8";
import { serve } from "../serve.ts";
import { survive } from "../transports/stdio.ts";
import type { Command } from "./command.ts";

/** `nomad-mcp serve`: MCP and REST for many, until it is told to end; a second signal ends it at once. */
export const run: Command = async (read, words) => {
  if (words.length > 0) throw new Error(`serve takes no ${JSON.stringify(words[0])}`);
  // Every request leaves a server and a transport behind: the space for what is young would grow to three times 16 MB for them.
  setFlagsFromString("--semi-space-growth-factor=1");
  const serving = await serve(read);
  survive(serving.log);
  await new Promise<void>((resolve) => {
    let told = false;
    const end = () => {
      if (told) return serving.drop();
      told = true;
      void serving.end().then(resolve);
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  });
  return 0;
};
