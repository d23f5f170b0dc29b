import { createConsola } from "consola/core";

/**
 * One line for the operator, on stderr, which hosts keep in a file. consola's own reporters write information to stdout,
 * which is the protocol's here.
 */
export const log = createConsola({
  reporters: [{ log: ({ args }) => void process.stderr.write(`nomad-mcp: ${args.map(String).join(" ")}\n`) }],
});
