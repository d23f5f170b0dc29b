import { createConsola } from "consola/core";
import { show } from "./text/sealed.ts";

/** A line of the log; further ones, as of a stack, stand indented below it. */
export const logLine = (text: string) => `nomad-mcp: ${show(text).replaceAll("\n", "\n  ")}\n`;

/**
 * One line for the operator, on stderr, which hosts keep in a file. consola's own reporters write information to stdout,
 * which is the protocol's here.
 */
export const log = createConsola({
  reporters: [{ log: ({ args }) => void process.stderr.write(logLine(args.map(String).join(" "))) }],
});
