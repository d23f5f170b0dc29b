import { fields, flag, type Infer, maybe, number, optional, text } from "./schema.ts";

/** Of one of the two streams: base64 of what came, or that no more will. */
const output = optional(maybe(fields({ data: optional(text), close: optional(flag) })));

/** What comes of a command that runs in a task. The exit code is left out where it is 0. */
export const execFrame = maybe(
  fields({
    stdout: output,
    stderr: output,
    exited: optional(flag),
    result: optional(maybe(fields({ exit_code: optional(number) }))),
  }),
);

export type ExecFrame = Infer<typeof execFrame>;
