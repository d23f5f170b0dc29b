import { onTestFinished } from "vitest";
import { Program } from "./program.ts";

/** The built server on a demo cluster until the test has finished: its address, and the key that it made for this run. */
export async function served(...flags: readonly string[]): Promise<{ readonly url: string; readonly key: string }> {
  const program = new Program(["--demo", "serve", "--listen", "127.0.0.1:0", ...flags]);
  onTestFinished(async () => {
    // What is under way there need not end first.
    program.child.kill("SIGKILL");
    await program.end();
  });
  await program.until(() => /Bearer nmcp_/.test(program.stderr), "the key");
  const [, url = ""] = /listening on (http:\S+):/.exec(program.stderr) ?? [];
  const [key = ""] = /nmcp_[\w-]+/.exec(program.stderr) ?? [];
  return { url, key };
}
