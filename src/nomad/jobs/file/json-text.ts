import { Refusal } from "../../../api/errors/refusal.ts";
import { sealValue, unseal } from "../../../text/sealed.ts";
import { lines } from "../../../text/words.ts";
import { positionAt } from "./text-position.ts";

/** The value of JSON text, sealed: its names are as strange as anybody's. @throws Refusal with the line and column at which it stops being JSON. */
export function readJson(text: string): unknown {
  try {
    const plain = unseal(text);
    return sealValue(JSON.parse(plain), plain);
  } catch {
    // V8 gives the position of some mistakes only, and in words that change with its version.
    const offset = brokenAt(text);
    const { line, column, words } = positionAt(text, offset);
    const early = offset >= text.trimEnd().length;
    throw new Refusal(
      lines(
        early
          ? "The job file is JSON that ends too early: a bracket or quote is not closed. Nothing was submitted."
          : `The job file is not valid JSON at line ${line}, column ${column}. Nothing was submitted.`,
        words && `  ${line}: ${words}`,
      ),
    );
  }
}

/** Blanks, then an opening or closing bracket, a comma or colon, a string, or another value. */
const token =
  /\s*(?:([[{])|([\]}])|([,:])|("[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[ !#-[\]-\uffff]*)*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** The offset of the first token that cannot stand where it stands. One pass without recursion, whatever the size. */
function brokenAt(text: string): number {
  const open: string[] = [];
  let expected: "value" | "key" | "colon" | "more" = "value";
  // Directly after an opening bracket its closing one may come too.
  let empty = false;
  let end = 0;
  for (;;) {
    token.lastIndex = end;
    const found = token.exec(text);
    if (found === null) break;
    const [, opening, closing, punctuation, string] = found;
    if (closing !== undefined) {
      if (!(expected === "more" || empty) || open.pop() !== (closing === "}" ? "{" : "[")) break;
      expected = "more";
    } else if (punctuation !== undefined) {
      if (expected !== (punctuation === ":" ? "colon" : "more") || open.length === 0) break;
      expected = punctuation === "," && open.at(-1) === "{" ? "key" : "value";
    } else if (expected === "key") {
      if (string === undefined) break;
      expected = "colon";
    } else if (expected !== "value") {
      break;
    } else if (opening !== undefined) {
      open.push(opening);
      expected = opening === "{" ? "key" : "value";
    } else {
      expected = "more";
    }
    empty = opening !== undefined;
    end = token.lastIndex;
  }
  const blanks = /\S/.exec(text.slice(end))?.index ?? text.length - end;
  return end + blanks;
}
