import { newKey } from "../access/keys.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

/** `nomad-mcp key new NAME [ROLE] [YYYY-MM-DD]`: a new key, and what belongs into the file of keys. It is printed once. */
export const run: Command = async ({ network }, [what, name, ...words]) => {
  const usage = "nomad-mcp key new NAME [ROLE] [YYYY-MM-DD]";
  const isDate = (word: string) => /^\d{4}-\d\d-\d\d$/.test(word);
  const [expires, ...dates] = words.filter(isDate);
  const [role, ...roles] = words.filter((word) => !isDate(word));
  const isName = /^[a-zA-Z0-9][a-zA-Z0-9_.@-]{0,62}$/;
  if (what !== "new" || name === undefined || dates.length > 0 || roles.length > 0) throw new Error(`key: ${usage}`);
  for (const each of [name, role ?? name]) {
    if (!isName.test(each))
      throw new Error(`${JSON.stringify(each)} is no name: letters, digits, dot, dash and @; ${usage}`);
  }
  const { key, hash } = newKey();
  const table = [
    `[keys.${JSON.stringify(name)}]`,
    `hash = "${hash}"`,
    ...(role === undefined ? [] : [`role = ${JSON.stringify(role)}`]),
    ...(expires === undefined ? [] : [`expires = ${expires}`]),
  ];
  const file = network.keysFile ?? "the file of NOMAD_MCP_KEYS_FILE";
  print(`${key}\n\nThis is all that is ever printed of it: give it to ${name}. Add to ${file}:\n\n${table.join("\n")}`);
  return 0;
};
