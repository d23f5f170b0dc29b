/** "1 job", "25 jobs", "1,000 jobs". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A whole number with its thousands apart: "64,000". */
export function grouped(count: number): string {
  // Most are small, and asking the locale takes 20 us.
  return count >= 0 && count < 1_000 && Number.isInteger(count) ? String(count) : count.toLocaleString("en");
}

/** "a", "a and b", "a, b and c". */
export function all(items: readonly string[], word = "and"): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

/** The first `limit` items as {@link all} says them, and how many more there are. */
export function some(items: readonly string[], limit: number, word = "and"): string {
  if (items.length <= limit) return all(items, word);
  return `${items.slice(0, limit).join(", ")} and ${grouped(items.length - limit)} more`;
}

/** A size for people, from bytes: "512 bytes", "64 KiB", "1.2 MiB". */
export function bytes(count: number): string {
  if (count < 1024) return plural(count, "byte");
  let value = count / 1024;
  let unit = 0;
  // What rounds up to 1024 is one of the next unit.
  while (Math.round(value) >= 1024 && unit < sizes.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)} ${sizes[unit]}`;
}

const sizes = ["KiB", "MiB", "GiB", "TiB"];

/** The short form of a Nomad UUID, of which 8 characters are printed everywhere. */
export function short(id: string): string {
  return id.slice(0, 8);
}

/** A text up to its first line end. */
export const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";

/** Lines joined, those that are undefined or empty left out. */
export function lines(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part): part is string => typeof part === "string" && part !== "").join("\n");
}
