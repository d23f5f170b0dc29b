import type { Printer } from "../client/logs.ts";
import type { Program } from "../client/programs.ts";

/** The database of `checkout`: from `gone` on (ms) nobody reaches it. */
const DATABASE = "db.internal:5432";

/** A line now and then for as long as the task runs. */
function chatter(start: number, every: number, text: Printer["text"]): Printer {
  return { start, every, times: Number.POSITIVE_INFINITY, text };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Numbers that look random and are the same each time. */
function pick<T>(n: number, items: readonly [T, ...T[]]): T {
  const hash = Math.imul(n + 1, 0x9e3779b1) >>> 8;
  return items[hash % items.length] ?? items[0];
}

function accessLine(n: number, ms: number): string {
  const at = new Date(ms);
  const day = `${String(at.getUTCDate()).padStart(2, "0")}/${at.toUTCString().slice(8, 11)}/${at.getUTCFullYear()}`;
  const what = pick(n, ["GET / ", "GET /products ", "GET /assets/app.css ", "POST /cart ", "GET /products/42 "]);
  const end = pick(n * 7, ["200 5120", "200 1841", "304 0", "200 812", "404 153"]);
  return `10.0.9.${20 + (n % 7)} - - [${day}:${iso(ms).slice(11, 19)} +0000] "${what}HTTP/1.1" ${end}\n`;
}

/** What the containers of the demo's own jobs do; `gone` is when the database went away. */
export function seedPrograms(gone: number): readonly Program[] {
  const worker: Program = (task, now) => {
    const prints = [chatter(now, 120_000, (n, ms) => `${iso(ms)} INFO worked through ${pick(n, [3, 7, 12])} orders\n`)];
    if (task.Env?.DB_HOST !== DATABASE) return { stdout: prints };
    const up = gone - now;
    // it notices at once when it starts, and while it runs when the connection breaks
    const runMs = up > 0 ? up : 1050;
    const fatal = `FATAL: cannot reach database at ${DATABASE}\n`;
    return {
      runMs,
      exitCode: 1,
      stdout: up > 0 ? prints : [],
      stderr: [{ start: now + runMs - 20, every: 0, times: 1, text: () => fatal }],
    };
  };
  const report: Program = (_task, now) => ({
    runMs: 42_000,
    stdout: ["reading the orders of the day", "412 orders, 9 refunds", "report written"].map((line, n) => ({
      start: now + n * 20_000,
      every: 0,
      times: 1,
      text: (_n, ms) => `${iso(ms)} INFO ${line}\n`,
    })),
  });
  const images: Record<string, Program> = {
    "nginx:1.29": (_task, now) => ({
      stdout: [chatter(now + 4000, 47_000, accessLine)],
      uses: { memoryMb: 11, cpuMhz: 30 },
    }),
    "shop/checkout-api:5.2": (_task, now) => ({
      stdout: [chatter(now, 61_000, (n, ms) => `${iso(ms)} INFO order ${10_000 + n * 3} accepted\n`)],
      uses: { memoryMb: 201, cpuMhz: 120 },
    }),
    "shop/checkout-worker:5.2": worker,
    "shop/billing:3.0": (_task, now) => ({
      stdout: [chatter(now, 300_000, (n, ms) => `${iso(ms)} INFO ${pick(n, [2, 5, 11])} invoices sent\n`)],
      uses: { memoryMb: 48, cpuMhz: 10 },
    }),
    "shop/report:2.1": report,
  };
  return [
    (task, now) => {
      const image = String(task.Config?.image ?? "");
      return Object.hasOwn(images, image) ? images[image]?.(task, now) : undefined;
    },
  ];
}
