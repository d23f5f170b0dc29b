import type { ArgumentsOf, Endpoint, Frames } from "../../../endpoints/endpoint.ts";
import type { ExecFrame } from "../../../endpoints/exec.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import { Written } from "./output.ts";

/** What a command came to, as far as it was seen. */
export interface Ran {
  readonly stdout: Written;
  readonly stderr: Written;
  /** `time`, `size`: the connection was cut when the time was over, or when it had written too much. */
  readonly end: { readonly code: number } | "time" | "size";
  /** How long it was seen, ms. */
  readonly took: number;
}

/** So much is read of what a command writes, in bytes; it may go on writing without an end. */
export const mostRead = 2 * 1024 * 1024;
/** A command is given this long at least, ms: to begin takes some of it. */
const shortest = 1_000;

/**
 * Runs a command in a task, once, and reads what it writes until it has ended, or `until` (ms, by this machine's clock). Its
 * input is told to be at its end, without which its end would never be told. Nomad ends no command with its connection.
 *
 * @throws NomadError where it is refused, or the connection ends before the command is told to have; `ran` has what came.
 */
export async function runIn<P extends string>(
  nomad: NomadClient,
  route: Endpoint<P, Frames<ExecFrame>, "acts">,
  args: ArgumentsOf<P>,
  { stdin, until }: { readonly stdin: string | undefined; readonly until: number },
  ran: Pick<Ran, "stdout" | "stderr"> = { stdout: new Written(), stderr: new Written() },
): Promise<Ran> {
  const { stdout, stderr } = ran;
  const began = performance.now();
  let code: number | undefined;
  const data = stdin === undefined ? {} : { data: Buffer.from(unseal(stdin)).toString("base64") };
  const enough = await nomad.converse(route, args, {
    said: [{ stdin: { ...data, close: true } }],
    ms: Math.max(shortest, until - Date.now()),
    hear(frame) {
      for (const [stream, part] of [
        [stdout, frame?.stdout],
        [stderr, frame?.stderr],
      ] as const) {
        if (part?.data) stream.add(Buffer.from(part.data, "base64"));
      }
      if (frame?.exited) code = frame.result?.exit_code ?? 0;
      return code !== undefined || stdout.size + stderr.size > mostRead;
    },
  });
  const end = code !== undefined ? { code } : enough ? "size" : "time";
  return { stdout, stderr, end, took: performance.now() - began };
}
