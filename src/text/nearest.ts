/**
 * The one of `names` that `given` was most likely meant to be; undefined where none is near, that is where half of it or
 * more would have to change. `plain` takes out what makes no difference, such as upper case and dashes.
 */
export function nearest(
  given: string,
  names: Iterable<string>,
  plain: (name: string) => string = (name) => name,
): string | undefined {
  // What was typed may be of any length, and the work grows with it.
  const text = plain(given.slice(0, 80));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = edits(text, plain(name));
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best !== undefined && best.distance < text.length / 2 ? best.name : undefined;
}

/** How many characters must be put in, taken out or changed to make the one text of the other (Levenshtein). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, character] of [...one].entries()) {
    const above = row;
    row = [line + 1];
    for (let column = 1; column <= other.length; column++) {
      const changed = (above[column - 1] ?? 0) + (other[column - 1] === character ? 0 : 1);
      row.push(Math.min(changed, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
