/** Tries to read something where the text is now; gives nothing, and leaves the place as it was, where it is not there. */
export type Parse<T> = () => { value: T } | undefined;

/** A parser that tries, goes back and remembers how far it got: what was expected there is its error. */
export function createParser(text: string) {
  let at = 0;
  let farthest = 0;
  const expected = new Set<string>();

  const fail = (label: string): undefined => {
    if (at > farthest) {
      farthest = at;
      expected.clear();
    }
    if (at === farthest) expected.add(label);
    return undefined;
  };
  /** What the grammar has words of its own for; it counts only if nothing else matches in the end. */
  let broken: { at: number; why: string } | undefined;
  const broke = (why: string, where = at): undefined => {
    broken ??= { at: where, why };
    return undefined;
  };
  const literal =
    (word: string): Parse<string> =>
    () => {
      if (!text.startsWith(word, at)) return fail(JSON.stringify(word));
      at += word.length;
      return { value: word };
    };
  const char =
    (pattern: RegExp, label: string): Parse<string> =>
    () => {
      const next = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : "";
      if (next === "" || !pattern.test(next)) return fail(label);
      at += next.length;
      return { value: next };
    };
  const all =
    <T>(...parts: Parse<unknown>[]): Parse<T[]> =>
    () => {
      const begin = at;
      const values: unknown[] = [];
      for (const part of parts) {
        const got = part();
        if (!got) {
          at = begin;
          return undefined;
        }
        values.push(got.value);
      }
      return { value: values as T[] };
    };
  const first =
    <T>(...choices: Parse<T>[]): Parse<T> =>
    () => {
      for (const choice of choices) {
        const got = choice();
        if (got) return got;
      }
      return undefined;
    };
  const many =
    <T>(part: Parse<T>, least = 0): Parse<T[]> =>
    () => {
      const begin = at;
      const values: T[] = [];
      for (let got = part(); got; got = part()) values.push(got.value);
      if (values.length >= least) return { value: values };
      at = begin;
      return undefined;
    };
  const maybe =
    <T>(part: Parse<T>): Parse<T | undefined> =>
    () =>
      part() ?? { value: undefined };
  const map =
    <T, U>(part: Parse<T>, how: (value: T) => U): Parse<U> =>
    () => {
      const got = part();
      return got && { value: how(got.value) };
    };
  const end: Parse<string> = () => (at === text.length ? { value: "" } : fail("EOF"));

  return {
    ...{ literal, char, all, first, many, maybe, map, end, broke },
    /** The character at the place, and what is left from there. */
    peek: () => text[at],
    rest: () => text.slice(at),
    place: () => at,
    /** Where nothing matched in the end, and what was expected there, in the words of Nomad's. */
    error(): string {
      if (broken) return `${position(text, broken.at)}: ${broken.why}`;
      return `${position(text, farthest)}: no match found, expected: ${listed([...expected])}`;
    },
  };
}

function position(text: string, at: number): string {
  const before = text.slice(0, at);
  return `${before.split("\n").length}:${at - before.lastIndexOf("\n")} (${at})`;
}

/** Sorted, the end of the text last. */
function listed(expected: string[]): string {
  const key = (label: string) => (label === "EOF" ? "\uffff" : label);
  const sorted = expected.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const last = sorted.pop() ?? "";
  return sorted.length > 0 ? `${sorted.join(", ")} or ${last}` : last;
}
