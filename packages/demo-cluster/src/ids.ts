/** Where everything that is random in the demo comes from: the same seed gives the same cluster. */
export interface Chance {
  /** 0 <= x < 1 */
  random(): number;
  /** low <= n <= high */
  between(low: number, high: number): number;
  /** A UUID as Nomad makes them: 16 random bytes, no version bits. */
  uuid(): string;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/** mulberry32: small, fast and good enough to name things. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number) => {
    let text = "";
    while (text.length < digits) text += Math.floor(random() * 16).toString(16);
    return text;
  };
  return {
    random,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
    uuid: () => [hex(8), hex(4), hex(4), hex(4), hex(12)].join("-"),
    shuffle(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        const a = out[i] as (typeof out)[number];
        out[i] = out[j] as (typeof out)[number];
        out[j] = a;
      }
      return out;
    },
  };
}
