import { expect, test } from "vitest";
import { NomadError } from "../../src/api/errors/errors.ts";
import { Refusal } from "../../src/api/errors/refusal.ts";
import { createKeptLogin } from "../../src/logins/kept-login.ts";

// When a login is made and asked about: on a clock that the test turns, with logins and answers that it gives by hand.

const never = new AbortController().signal;

interface Options {
  /** How long each token lives, in ms; null: for ever. */
  readonly life?: number | null;
}

function kept({ life = 3_600_000 }: Options = {}) {
  let now = 1_000;
  let made = 0;
  const asked: string[] = [];
  const gone = new Set<string>();
  let fault: Error | undefined;
  let unsure = false;
  const login = createKeptLogin({
    async logIn() {
      made++;
      const number = made;
      await Promise.resolve();
      if (fault !== undefined) throw fault;
      return { secret: `secret-${number}`, accessor: `accessor-${number}`, life: life ?? undefined };
    },
    async knows(secret) {
      asked.push(secret);
      return unsure ? undefined : !gone.has(secret);
    },
    clock: () => now,
  });
  return {
    ...{ login, asked, gone },
    made: () => made,
    pass(ms: number) {
      now += ms;
    },
    fail(error: Error | undefined) {
      fault = error;
    },
    doubt() {
      unsure = true;
    },
  };
}

test("one login for however many wait for it, and none while it holds", async () => {
  const { login, made, pass } = kept();
  const secrets = await Promise.all(Array.from({ length: 50 }, () => login.current(never)));
  expect(new Set(secrets)).toEqual(new Set(["secret-1"]));
  pass(3_569_000);
  expect(await login.current(never)).toBe("secret-1");
  expect([made(), login.accessor()]).toEqual([1, "accessor-1"]);
});

test("it is exchanged half a minute before its end, and one that lives shortly is used for two thirds of its life", async () => {
  const long = kept();
  await long.login.current(never);
  long.pass(3_570_000);
  expect(await long.login.current(never)).toBe("secret-2");
  const short = kept({ life: 3_000 });
  await short.login.current(never);
  short.pass(1_999);
  expect(await short.login.current(never)).toBe("secret-1");
  short.pass(1);
  expect(await short.login.current(never)).toBe("secret-2");
});

test("one that never ends is kept", async () => {
  const { login, pass } = kept({ life: null });
  await login.current(never);
  pass(1e12);
  expect(await login.current(never)).toBe("secret-1");
});

test("a refusal of what the token may not do makes no login, and a storm of them one question", async () => {
  const { login, made, asked, pass } = kept();
  const secret = await login.current(never);
  for (let round = 0; round < 20; round++) {
    const refused = await Promise.all(Array.from({ length: 50 }, () => login.renewed?.(secret, never)));
    expect(new Set(refused)).toEqual(new Set([undefined]));
  }
  expect([made(), asked]).toEqual([1, [secret]]);
  pass(30_000);
  await login.renewed?.(secret, never);
  expect([made(), asked.length]).toEqual([1, 2]);
});

test("a token that Nomad does not know any more is exchanged, once for all whose requests were refused", async () => {
  const { login, made, asked, gone } = kept();
  const secret = await login.current(never);
  gone.add(secret);
  const others = await Promise.all(Array.from({ length: 50 }, () => login.renewed?.(secret, never)));
  expect(new Set(others)).toEqual(new Set(["secret-2"]));
  // Whoever comes later with the old one is given the new one, without a word to Nomad.
  expect(await login.renewed?.(secret, never)).toBe("secret-2");
  expect([made(), asked]).toEqual([2, [secret]]);
});

test("where the new one is gone as well, no third is made at once", async () => {
  const { login, made, gone, pass } = kept();
  for (const secret of ["secret-1", "secret-2", "secret-3"]) gone.add(secret);
  await login.current(never);
  expect(await login.renewed?.("secret-1", never)).toBe("secret-2");
  for (let round = 0; round < 20; round++) expect(await login.renewed?.("secret-2", never)).toBeUndefined();
  expect(made()).toBe(2);
  pass(30_000);
  expect(await login.renewed?.("secret-2", never)).toBe("secret-3");
});

test("a token is kept where Nomad does not tell", async () => {
  const { login, made, doubt } = kept();
  const secret = await login.current(never);
  doubt();
  expect(await login.renewed?.(secret, never)).toBeUndefined();
  expect([made(), await login.current(never)]).toEqual([1, secret]);
});

test("what Nomad says no to is not asked again for five seconds", async () => {
  const { login, made, fail, pass } = kept();
  fail(new Refusal("no role or policy bindings matched"));
  for (let call = 0; call < 10; call++) await expect(login.current(never)).rejects.toThrow("no role or policy");
  expect(made()).toBe(1);
  pass(5_000);
  fail(undefined);
  expect(await login.current(never)).toBe("secret-2");
});

test("where Nomad could not be asked, the next call asks", async () => {
  const { login, fail } = kept();
  const request = { address: "http://nomad.test", method: "POST", path: "/v1/acl/login", acts: false };
  fail(new NomadError("unreachable", request, "refused"));
  await expect(login.current(never)).rejects.toThrow(NomadError);
  fail(undefined);
  expect(await login.current(never)).toBe("secret-2");
});

test("whoever gives up keeps nobody else from theirs", async () => {
  const { login, made } = kept();
  const controller = new AbortController();
  const leaving = login.current(controller.signal);
  const staying = login.current(never);
  controller.abort(new Error("gone home"));
  await expect(leaving).rejects.toThrow("gone home");
  expect(await staying).toBe("secret-1");
  await expect(login.current(controller.signal)).rejects.toThrow("gone home");
  expect(made()).toBe(1);
});

test("forgotten is forgotten: the next request signs in anew", async () => {
  const { login, made } = kept();
  await login.current(never);
  login.forget();
  expect(login.accessor()).toBeUndefined();
  // Nor is kept what was under way when it was forgotten.
  const underWay = login.current(never);
  login.forget();
  expect([await underWay, login.accessor()]).toEqual(["secret-2", undefined]);
  expect(await login.current(never)).toBe("secret-3");
  expect(made()).toBe(3);
});
