import { unseal } from "../../../text/sealed.ts";

/**
 * A text, sealed or not, in quotes as HCL has it: whatever of it would be read as an expression or an escape is written so that
 * it means itself. `keeps`: says of what begins with `${` or `%{` that it is to stay as it is.
 */
export function hclString(text: string, keeps?: (rest: string) => boolean): string {
  const plain = unseal(text).replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${withoutExpressions(plain.replaceAll("\t", "\\t").replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, codePoint), keeps)}"`;
}

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

/** In HCL `${` and `%{` begin an expression unless their first character is doubled. */
export function withoutExpressions(text: string, keeps: (rest: string) => boolean = () => false): string {
  return text.replaceAll(/([$%])\{/g, (begin, sign: string, at: number) =>
    keeps(text.slice(at)) ? begin : `${sign}${begin}`,
  );
}
