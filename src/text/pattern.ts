/** A text as a regular expression (RE2) that matches it alone. */
export const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A regular expression (RE2) of the names one edit away from `text`, upper and lower case alike. */
export function oneEditAway(text: string): string {
  const characters = [...text];
  const at = (index: number) => characters.slice(0, index).map(escaped).join("");
  const from = (index: number) => characters.slice(index).map(escaped).join("");
  const edits = characters.flatMap((_, index) => [
    `${at(index)}.?${from(index + 1)}`,
    `${at(index)}.${from(index)}`,
    ...(index + 1 < characters.length
      ? [`${at(index)}${escaped(characters[index + 1] ?? "")}${escaped(characters[index] ?? "")}${from(index + 2)}`]
      : []),
  ]);
  return `(?i)^(${[...edits, `${at(characters.length)}.`].join("|")})$`;
}
