const spans: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as people write it, ms since the epoch: how long ago ("20m", "1h30m", "2d", with or without "ago"), "now", or an
 * absolute time ("2026-11-20T19:49:12Z", "2026-11-20 19:49", "19:49" of the last 24 hours), which is UTC where it does not say
 * another zone. `now`: ms. Undefined for anything else.
 */
export function readMoment(text: string, now: number): number | undefined {
  const words = text.trim().replace(/\s*ago$/i, "");
  if (/^(now|0)$/i.test(words)) return now;
  if (/^(\d+(\.\d+)?\s*[smhd]\s*)+$/i.test(words)) {
    const parts = [...words.matchAll(/(\d+(?:\.\d+)?)\s*([smhd])/gi)];
    return now - parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (spans[unit.toLowerCase()] ?? 0), 0);
  }
  const clock = /^(\d{2}:\d{2}(?::\d{2})?)Z?$/.exec(words);
  if (clock) {
    const today = Date.parse(`${new Date(now).toISOString().slice(0, 10)}T${clock[1]}Z`);
    return Number.isNaN(today) ? undefined : today > now ? today - (spans.d ?? 0) : today;
  }
  const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(words);
  if (!date) return undefined;
  const [, day, time = "00:00", zone = "Z"] = date;
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}
