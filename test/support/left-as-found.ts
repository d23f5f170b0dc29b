import { afterAll, expect } from "vitest";

// The files of a worker share its process and its modules: what a file replaces there, the next one would meet.

const found = state();
afterAll(() => {
  const now = state();
  const left = Object.keys({ ...found, ...now }).filter((name) => now[name] !== found[name]);
  expect(left, "replaced by this file, and not put back when its tests ended").toEqual([]);
});

/** What tests replace, by name. */
function state(): Record<string, unknown> {
  const variables = Object.entries(process.env).map(([name, value]) => [`the variable ${name}`, value]);
  return {
    ...{ fetch, Date, setTimeout, setInterval, console },
    "Math.random": Math.random,
    "AbortSignal.timeout": AbortSignal.timeout,
    "process.stdout.write": process.stdout.write,
    "process.stderr.write": process.stderr.write,
    "the working directory": process.cwd(),
    ...Object.fromEntries(variables),
  };
}
