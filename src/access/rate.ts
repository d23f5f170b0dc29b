import { Refusal } from "../api/errors/refusal.ts";

/** So many requests in so much time. */
export interface Rate {
  readonly points: number;
  /** In seconds. */
  readonly duration: number;
}

const seconds: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600 };

/** "120/min" as a rate. `name`: what the operator calls the setting. @throws Refusal where it is none. */
export function readRate(text: string, name: string): Rate {
  const [, points = "", unit = ""] = /^\s*([1-9]\d{0,6})\s*\/\s*(s|min|h)\s*$/.exec(text) ?? [];
  const duration = seconds[unit];
  if (duration !== undefined) return { points: Number(points), duration };
  throw new Refusal(
    `${name}: ${JSON.stringify(text.slice(0, 40))} is no rate, such as 120/min: a number per s, min or h.`,
  );
}
