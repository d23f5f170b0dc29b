/** True where lists and objects stand in each other more than `levels` deep, as no arguments of ours do. */
export function deeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((held) => deeperThan(levels - 1, held));
}

/** How many members the lists and objects of a value have, in all; it is not counted further than beyond `most`. */
export function entriesIn(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null) return 0;
  const members = Object.values(value);
  let entries = members.length;
  for (const member of members) {
    if (entries > most) break;
    entries += entriesIn(member, most);
  }
  return entries;
}
